#!/usr/bin/env bash
# Makes static/vendor/codemirror anew from the packages that package-lock.json names. Needs Node.js with npm.
set -euo pipefail
cd "$(dirname "$0")"
folder=../../static/vendor/codemirror
npm ci --ignore-scripts --no-audit --no-fund
mkdir -p "$folder"
npm run --silent build
cp node_modules/@codemirror/view/LICENSE "$folder/LICENSE"
rm -rf node_modules
sha256sum "$folder/codemirror.min.js"
