# Two commands for a reader: `make book` and `make test`. Both make the environment first, once.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: book html pdf test bench mutants clean

book: html
	$(BIN)/python book/_ext/serve.py

# Always from nothing: Sphinx would keep a page whose notebook did not change although the library did.
html: .venv/ready
	rm -rf _build
	$(BIN)/jupyter-book build . -W -n --keep-going

# The whole book as one PDF and the site as a zip, offered on the front page.
pdf: html
	$(BIN)/python book/_ext/whole_book.py

test: html
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile # one thread each: two processes share the cores

bench: .venv/ready
	for script in accuracy speed page; do $(BIN)/python benchmarks/$$script.py || exit 1; done

# Which changes of mfdepth/$(MODULE).py do its tests notice? See benchmarks/mutants.md.
MODULE ?= laws
mutants: .venv/ready
	$(BIN)/python -m pip install --quiet -r benchmarks/mutants.txt
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/mutants.py $(MODULE)

clean:
	rm -rf _build .pytest_cache .ruff_cache

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; (3, 11) <= sys.version_info < (3, 14) or \
	  sys.exit(f"Python 3.11 to 3.13 is needed, this is {v}: try make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt -e .
	touch $@
