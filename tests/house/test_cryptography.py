"""The inventory of cryptography in docs/security.md is whole: what signs, seals or keys a hash is named there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("contract", "detector", "edge", "server", "models", "datasets", "tapal")
KEYED = {"cryptography", "argon2", "hmac", "ssl", "joserfc", "authlib", "py_vapid", "pywebpush"}
SERVED = {"tapal_server.serving"}  # hands its key to uvicorn
HASHES = {"sha256", "blake2b"}
ONLY_FOR = {"sha1": {"tapal_server.people.totp"}}


def sources() -> dict[str, ast.Module]:
    found = {}
    for part in PARTS:
        for path in (ROOT / part).rglob("*.py"):
            name = path.relative_to(ROOT if part == "tapal" else ROOT / part).with_suffix("")
            found[".".join(name.parts)] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def imported(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_every_use_of_cryptography_is_in_the_inventory():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = page.partition("*Cryptography.*")[2].partition("\n## ")[0]
    named = set(re.findall(r"\btapal_[a-z_]+(?:\.[a-z_]+)+", table))
    used = {name for name, tree in sources().items() if imported(tree) & KEYED}
    assert used >= {"tapal_edge.safe", "tapal_server.people.passwords"}
    assert named == used | SERVED


def hashes(tree: ast.Module) -> set[str]:
    """Hashes that a module takes from hashlib, by attribute or by name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "hashlib":
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module == "hashlib":
            found |= {one.name for one in node.names}
    return found


def test_only_approved_hashes_are_used():
    used = {name: hashes(tree) - HASHES for name, tree in sources().items()}
    odd = {(one, name) for name, others in used.items() for one in others}
    assert odd == {(one, name) for one, names in ONLY_FOR.items() for name in names}
