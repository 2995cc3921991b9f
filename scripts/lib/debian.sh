# shellcheck shell=sh
# Debian packages without installing them: a private apt (own lists, own cache, own idea of what is installed) that
# uses the mirror of the machine's own apt. Sourced by scripts/services and scripts/chromium; works without root and
# changes nothing outside the folder it is given. Needs say.sh.

KEYRING=${IOC_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

have_apt() {
  for tool in apt-get apt-cache dpkg-deb tar; do command -v "$tool" >/dev/null 2>&1 || return 1; done
}

debian_mirror() { # the first Debian archive among this machine's sources, in either format apt reads
  for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list; do
    [ -r "$file" ] || continue
    found=$(sed -n -e 's|^URIs:[[:space:]]*\([^ ]*/debian/\{0,1\}\)\([[:space:]].*\)\{0,1\}$|\1|p' \
      -e 's|^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*/debian/\{0,1\}\)[[:space:]].*|\2|p' \
      "$file" | head -n 1)
    [ -z "$found" ] || { echo "$found"; return 0; }
  done
  return 1
}

private_apt() { # DIR: from here on this process's apt-get and apt-cache keep everything below DIR (APT_CONFIG)
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/deb" "$1/none"
  [ -e "$1/status" ] || : >"$1/status"
  cat >"$1/apt.conf" <<CONF
Dir::State "$1";
Dir::State::status "$1/status";
Dir::State::lists "$1/lists";
Dir::Cache "$1/cache";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "3";
Debug::NoLocking "true";
CONF
  APT_CONFIG=$1/apt.conf
  export APT_CONFIG
}

only_suite() { # DIR SUITE MIRROR: the private apt of DIR reads this suite and none of the machine's own sources
  echo "deb [signed-by=$KEYRING] $3 $2 main" >"$1/sources.list"
  cat >>"$1/apt.conf" <<CONF
Dir::Etc::sourcelist "$1/sources.list";
Dir::Etc::sourceparts "$1/none";
Dir::Etc::preferencesparts "$1/none";
Dir::Etc::preferences "$1/none/preferences";
CONF
}

closure() { # PACKAGE...: the names of everything that installing them here and now would bring
  plan=$(apt-get -s install "$@") || return $?
  printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\).*/\1/p'
}

download() { # DIR PACKAGE...: their archives into DIR/deb
  (
    cd "$1/deb" && shift && rm -f ./*.deb
    apt-get -qq download "$@"
  )
}

unpack() { # DIR ROOT: every archive of DIR/deb below ROOT, less what a program that is only unpacked never opens
  mkdir -p "$2"
  for archive in "$1"/deb/*.deb; do
    dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$2" --no-same-owner \
      --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale \
      --exclude=./usr/share/lintian --exclude='*/bitcode' --exclude=./var || return 1
  done
}
