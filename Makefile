# The commands of this project. `make run` and `make test` are all one needs from a fresh clone; the rest is for daily work.
# Needs make, Python 3.11 or newer and, for the private services, Debian's apt; everything else is brought.
.DEFAULT_GOAL := help
.PHONY: help setup run test test-unit bench format wire stop clean
.PHONY: check check-format check-lint check-types check-imports check-web check-wire
SHELL := /bin/sh
PYTHON := .venv/bin/python
MODULES := ioc collectors alerts
# only the plugins named in pyproject.toml: pytest would else rewrite the sources of every installed one, which Python 3.11 at times fails at
PYTEST := env PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(PYTHON) -m pytest
# two workers, a file of tests to one of them: much of the time a test waits for a server, a browser or the database
BESIDE := -p xdist -n 2 --dist loadfile --no-loadscope-reorder
SOURCES := $(MODULES) tests hatch_build.py

help: ## danh sách lệnh (this list)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## chuẩn bị mọi thứ, không khởi động (set up everything, start nothing)
	@scripts/setup

run: setup ## chạy tỉnh mẫu và in địa chỉ màn hình (start the demo province, print the wall's address)
	@exec .venv/bin/ioc demo --exit-with-parent

test: setup ## chạy mọi kiểm thử (set up what tests need, Chromium included, and run them all)
	@scripts/web test
	@IOC_CHROMIUM="$$(scripts/chromium)" && export IOC_CHROMIUM && exec $(PYTEST) $(BESIDE)

test-unit: setup ## chỉ các kiểm thử nhanh (the quick tests alone: no services, no browser)
	@exec $(PYTEST) tests/unit

bench: setup ## đo hiệu năng, ONLY=P1 chỉ một phép đo (benchmarks: a table, and build/bench.json)
	@exec $(PYTHON) -m tests.bench $(ONLY)

check: setup check-format check-lint check-types check-imports check-web check-wire ## mọi kiểm tra tĩnh (format, lint, strict types, import contract, tsc, wire difference)

check-format:
	$(PYTHON) -m ruff format --check $(SOURCES)
check-lint:
	$(PYTHON) -m ruff check $(SOURCES)
check-types:
	$(PYTHON) -m mypy --strict $(MODULES)
check-imports:
	.venv/bin/lint-imports
check-web:
	scripts/web run typecheck
check-wire:
	$(PYTHON) -m ioc.typescript | diff - web/src/wire.ts

format: setup ## định dạng lại mã nguồn Python (format the Python sources)
	$(PYTHON) -m ruff format $(SOURCES)
	$(PYTHON) -m ruff check --fix $(SOURCES)

wire: setup ## viết lại web/src/wire.ts từ ioc/wire.py (generate it again)
	$(PYTHON) -m ioc.typescript >web/src/wire.ts

stop: ## dừng các dịch vụ riêng (stop the private services)
	@scripts/services stop

clean: ## xóa những gì đã dựng, giữ dữ liệu (remove what was built; data in .ioc stays)
	rm -rf web/dist web/node_modules web/src/fonts dist build .mypy_cache .ruff_cache .hypothesis
	find $(MODULES) tests -name __pycache__ -type d -prune -exec rm -rf {} +
