"""Copies the JSON schemas of the package kubernetes-validate so that kubeconform finds what they refer to.
usage: schemas-of-kubernetes.py SOURCE TARGET"""
import json
import sys
from pathlib import Path

source, target = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
target.mkdir(parents=True, exist_ok=True)
for file in source.glob("*.json"):
    schema = json.loads(file.read_text().replace('"/api/_definitions.json#', f'"{target.as_uri()}/_definitions.json#'))
    schema.pop("$id", None)
    (target / file.name).write_text(json.dumps(schema))
