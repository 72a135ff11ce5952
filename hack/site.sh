#!/usr/bin/env bash
# Builds the documentation site into dist/site. MkDocs and its theme are Debian's packages, installed where they are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

hack/debian.sh mkdocs mkdocs-material mkdocs-literate-nav

# The pages as they lie in the repository, and what they link to.
rm -rf bin/site dist/site
for path in README.md CONTRIBUTING.md CHANGELOG.md docs charts/*/README.md charts/*/ci; do
	mkdir -p "bin/site/$(dirname "$path")"
	ln -s --relative "$path" "bin/site/$path"
done

PYTHONWARNINGS=ignore mkdocs build --strict
