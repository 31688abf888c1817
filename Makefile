# Everything on a fresh machine (Debian or Ubuntu with Python, gcc and make):
#
#   make demo     measure a real Redis with and without pooling; URL=redis://host:6379/0 names one
#   make test     build, check and test everything
#
# PYTHON=python3.12 chooses the interpreter. What pip installs goes into .venv and nowhere else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py $(shell find src -name '*.py' -o -name '*.pyx' -o -name '*.px[di]' -o -name '*.pyi' -o -name '*.h')
need = @tools/need
# Two processes share the tests, each module as a whole; WORKERS=0 for one that a debugger can stop.
SHARED := -n $(or $(WORKERS),2) --dist loadfile
DEBUGGED := core interleavings fork resp reader pack ledger sharing storm threading

.PHONY: demo test lint unit debug docs look platforms bench bench-quick conformance fuzz soak wheels clean
.DELETE_ON_ERROR:

demo: $(VENV)/demo
	$(BIN)/respool demo $(if $(URL),--url '$(URL)')

test: lint unit debug
	@echo "All checks and tests passed."

# A virtual environment with respool built from this tree, as a user's pip would build it.
$(BIN)/python:
	$(need) "$(PYTHON) -c 'import ensurepip, venv'" python3-venv
	$(need) "$(PYTHON) -c 'import sysconfig, sys, os; sys.exit(not os.path.exists(sysconfig.get_path(\"include\") + \"/Python.h\"))'" python3-dev
	$(need) "gcc --version" gcc
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(VENV)/demo: $(BIN)/python $(SOURCES)
	$(BIN)/pip install --quiet '.[demo]'
	@touch $@

$(VENV)/test: $(BIN)/python $(SOURCES)
	$(need) "redis-server --version || valkey-server --version" redis-server
	$(need) "valgrind --version" valgrind
	$(need) "spin -V" spin
	$(BIN)/pip install --quiet '.[test]'
	@touch $@

lint: $(VENV)/test
	$(BIN)/ruff check
	if test -x $(BIN)/zizmor; then $(BIN)/zizmor --offline --quiet .github; fi  # it needs Python 3.11
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint src  # runs the pycodestyle beside it
	MYPYPATH=tests:tests/conformance $(BIN)/mypy src tests tools setup.py
	MYPYPATH=bench:tests $(BIN)/mypy bench
	$(BIN)/stubtest respool._resp respool._pack respool._ledger respool._wire respool._connection respool._async_wire respool._line respool._slots respool._walk respool._pool respool._growth respool._upkeep respool._outage respool._observed respool._checkout respool._async_checkout respool._watch respool._batch respool._client respool._async_batch respool._async_client --mypy-config-file pyproject.toml

unit: $(VENV)/test
	$(BIN)/python -m pytest $(SHARED)

# The core once more, in a build whose lock ends the process if it is entered twice, and with bounds checked.
debug: $(VENV)/test
	RESPOOL_DEBUG=1 $(BIN)/pip install --quiet --no-deps --upgrade --target build/debug-site .
	PYTHONPATH=$(CURDIR)/build/debug-site $(BIN)/python -m pytest $(SHARED) $(addprefix tests/test_,$(addsuffix .py,$(DEBUGGED)))

# The site, in build/docs. A warning is an error; so is a link that leads nowhere, and anything loaded from elsewhere.
docs: $(VENV)/docs
	$(BIN)/python -m sphinx -q -E -W --keep-going -b html docs build/docs
	$(BIN)/python tools/check_site.py build/docs

$(VENV)/docs: $(BIN)/python $(SOURCES)
	$(BIN)/pip install --quiet '.[docs]'
	@touch $@

# The reports in HTML as a browser shows them; not part of `test`, for Debian's chromium takes 400 MB.
look: $(VENV)/test
	$(need) "chromium --version" chromium
	LOOK=1 $(BIN)/python -m pytest tests/test_look.py

# The header that talks to sockets, looked at by compilers for other platforms.
platforms: $(BIN)/python
	$(BIN)/pip install --quiet 'ziglang>=0.13,<1'
	mkdir -p build
	for target in x86_64-linux-musl aarch64-linux-gnu x86_64-macos aarch64-macos x86_64-windows-gnu; do \
	    $(BIN)/python -m ziglang cc -target $$target -std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -Isrc/respool \
	        -c tests/platforms.c -o build/platforms.o || exit 1; \
	done

# Damaged input for the reader and the packer, in a build in which an error of memory ends the process.
# FUZZ=seconds SEED=number; build/fuzz-note names the input that was the last.
fuzz: $(VENV)/test
	RESPOOL_SANITIZE=1 $(BIN)/pip install --quiet --no-deps --upgrade --target build/sanitize-site .
	LD_PRELOAD="$$(gcc -print-file-name=libasan.so)" PYTHONMALLOC=malloc PYTHONPATH=$(CURDIR)/build/sanitize-site \
		ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1 \
		$(BIN)/python tests/fuzz_resp.py --seconds $(or $(FUZZ),300) --seed $(or $(SEED),0) --note build/fuzz-note

# Threads, tasks and forked children on pools whose server and network fail in every way: SECONDS=300 SEED=0. Where the
# machine lets a program have a network of its own, NETWORK=1 makes its device fail too.
soak: $(VENV)/test
	$(BIN)/python tests/soak.py $(or $(SECONDS),300) $(or $(SEED),0) $(if $(NETWORK),--network)

# redis-py's own tests and hiredis-py's, on their classes and on ours; what differs is reported. An hour or more.
# REDIS_PY="8.1.0" ONLY="standalone hiredis" MATCH="as pytest's -k" choose some of them.
conformance: $(VENV)/test
	PYTHONPATH=tests:tests/conformance $(BIN)/python tests/conformance/run.py $(if $(REDIS_PY),--redis-py '$(REDIS_PY)') \
		$(if $(ONLY),--only '$(ONLY)') $(if $(MATCH),--match '$(MATCH)')

# Everything beside other clients, in under a quarter of an hour on two processors: tables and plots in bench/results,
# and in README.md between the lines <!-- bench --> and <!-- /bench -->. Keep the machine quiet meanwhile.
bench: $(VENV)/test
	mkdir -p bench/results
	$(BIN)/python -m pytest bench --benchmark-json=bench/results/results.json
	$(BIN)/python bench/report.py bench/results README.md

# The same in two minutes, for a look and for no claim: tables and plots in build/bench.
bench-quick: $(VENV)/test
	mkdir -p build/bench
	$(BIN)/python -m pytest bench --effort quick --benchmark-json=build/bench/results.json
	$(BIN)/python bench/report.py build/bench

# Wheels in dist by every CPython of this Linux machine (or INTERPRETERS="python3.11 python3.14"), each tried in a bare
# environment without a compiler, against a real server and in a short demo.
wheels: $(BIN)/python
	$(need) "redis-server --version || valkey-server --version" redis-server
	$(BIN)/pip install --quiet --group ship
	$(BIN)/python tools/wheels.py dist $(INTERPRETERS)

clean:
	rm -rf $(VENV) build dist demo.svg demo.html size.svg src/*.egg-info .mypy_cache .pytest_cache .ruff_cache
	find src -name "*.so" -delete
