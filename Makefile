# Two commands for a reader: `make book` and `make test`. Both make the environment first, once.
PYTHON ?= python3
# Where torch comes from, if not from PyPI, whose build for Linux brings CUDA: gigabytes. Without:
# make TORCH_INDEX=https://download.pytorch.org/whl/cpu book
TORCH_INDEX ?=
# What is installed. requirements.lock, as in CI: each file by its hash.
REQUIREMENTS ?= requirements.txt
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet
PYTEST := OMP_NUM_THREADS=1 $(BIN)/pytest # one thread a process

.PHONY: book html pdf test library static bench rivals mutants lock clean

book: html
	$(BIN)/python book/_ext/serve.py

html: .venv/ready
	@$(BIN)/python book/_ext/make_html.py

# The whole book as one PDF and the site as a zip, offered on the front page.
pdf: html
	$(BIN)/python book/_ext/whole_book.py
	touch _build/inputs # what was added to the pages is no reason to build them again

# What needs no page runs beside the build, then the rest, with the long files first: none is left for last.
test: .venv/ready
	@$(MAKE) --no-print-directory -j 2 html library
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder --durations=25 book tests/book tests/live

library: static
	$(PYTEST) -n 2 --durations=10 tests mfdepth --ignore=tests/book --ignore=tests/live

static: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	for check in 'fmt --check' lint check test; do DENO_NO_UPDATE_CHECK=1 $(BIN)/deno $$check --quiet || exit 1; done

# Some twelve minutes. The scaling study is apart: hours, or a GPU. See benchmarks/scaling.py.
bench: .venv/ready rivals
	for script in accuracy speed frontier cost page; do $(BIN)/python benchmarks/$$script.py || exit 1; done

# The infinite-width flow beside torchdiffeq and diffrax, in an environment of their own.
rivals:
	test -d .rivals || $(PYTHON) -m venv .rivals
	.rivals/bin/python -m pip install --quiet $(TORCH_INDEX:%=--extra-index-url %) -r benchmarks/rivals.txt
	PYTHONPATH=. .rivals/bin/python benchmarks/rivals.py

# Which changes of mfdepth/$(MODULE).py do its tests notice? Or of several, as one. See benchmarks/mutants.md.
MODULE ?= laws
mutants: .venv/ready
	$(PIP) -r benchmarks/mutants.txt
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/mutants.py $(MODULE)

# After a change of requirements.txt. torch stays out: its file, and so its hash, is that of the index it comes from;
# what it needs is in, as its CPU build says it (set TORCH_INDEX).
lock: .venv/ready
	$(PIP) uv==0.13.8
	$(BIN)/uv pip compile requirements.txt --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	  $(TORCH_INDEX:%=--index %) --index-strategy unsafe-best-match --no-emit-package torch --no-emit-index-url \
	  --generate-hashes --no-strip-extras --no-annotate --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf _build .mypy_cache .pytest_cache .ruff_cache

.venv/ready: $(REQUIREMENTS) pyproject.toml
	@$(PYTHON) -c 'import os, sys; v = sys.version.split()[0]; (3, 11) <= sys.version_info < (3, 14) or \
	  sys.exit(f"Python 3.11 to 3.13 is needed, this is {v}: try make PYTHON=python3.12"); \
	  os.access(".", os.W_OK) or sys.exit("This folder cannot be written to: copy it to one of yours, and run make there.")'
	$(PYTHON) -m venv .venv
	$(PIP) --no-deps $(TORCH_INDEX:%=--index-url %) `sed -n 's|^\(torch==[^ ]*\).*|\1|p' requirements.txt`
	$(PIP) -r $(REQUIREMENTS)
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@
