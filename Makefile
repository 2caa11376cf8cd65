# Two commands: `make run` to try HKH out, `make test` to check it. Each sets up what it misses first.
.DEFAULT_GOAL := help
.PHONY: help run test bench messages lock

PYTHON ?= python3

help: ## This list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: ## Set up all that is needed and open the demo province (HKH_PORT=8001 for another port)
	@$(PYTHON) deploy/bootstrap.py
	@exec .venv/bin/python manage.py run

test: ## Run every check and every test
	@$(PYTHON) deploy/bootstrap.py --dev
	@exec .venv/bin/python deploy/check.py

bench: ## Measure the speed promised, with the floor beside each figure
	@$(PYTHON) deploy/bootstrap.py
	@exec .venv/bin/python manage.py bench

messages: ## Gather the texts to translate into locale/
	@$(PYTHON) deploy/bootstrap.py --dev
	@exec .venv/bin/python deploy/messages.py gather

lock: ## Choose the newest allowed versions anew and pin them
	@$(PYTHON) deploy/bootstrap.py --dev
	@exec .venv/bin/python deploy/lock.py
