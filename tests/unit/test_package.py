from __future__ import annotations

import ast
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import constructs
import pytest

import cdk_transcribe

PACKAGE = Path(cdk_transcribe.__file__).parent
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
# What an app may import; the command line is for shells.
PUBLIC_MODULES = [path for path in MODULES if not path.startswith(("_", "command_line/"))]


def test_the_folder_constructs_does_not_hide_the_package_of_that_name(repository: Path) -> None:
    # With this file `import constructs` would find the folder, and CDK would not start.
    assert not (repository / "constructs" / "__init__.py").exists()


def test_constructs_is_the_package_from_pypi(repository: Path) -> None:
    assert constructs.Construct.__module__ == "constructs"
    assert not Path(str(constructs.__file__)).is_relative_to(repository / "constructs")


def test_the_public_names_are_sorted_and_importable() -> None:
    assert len(set(cdk_transcribe.__all__)) == len(cdk_transcribe.__all__)
    assert all(hasattr(cdk_transcribe, name) for name in cdk_transcribe.__all__)


def test_a_name_is_imported_where_type_checkers_look_as_it_is_at_run_time() -> None:
    statements = ast.walk(ast.parse((PACKAGE / "__init__.py").read_text()))
    imports = [node for node in statements if isinstance(node, ast.ImportFrom)]
    own = [node for node in imports if str(node.module).startswith("cdk_transcribe.")]
    for_type_checkers = {(alias.name, str(node.module).partition(".")[2]) for node in own for alias in node.names}

    assert for_type_checkers == set(cdk_transcribe._MODULES.items())
    assert {name for name, _ in for_type_checkers} == set(cdk_transcribe.__all__)


def test_dir_lists_every_public_name() -> None:
    assert set(cdk_transcribe.__all__) <= set(dir(cdk_transcribe))


def test_fails_when_a_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"^module 'cdk_transcribe' has no attribute 'Vocabluary'$"):
        cast(Any, cdk_transcribe).Vocabluary  # noqa: B018


def test_the_command_line_does_not_wait_for_cdk(repository: Path) -> None:
    program = "import sys, cdk_transcribe.command_line; print([n for n in ('aws_cdk', 'jsii') if n in sys.modules])"

    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(repository / "constructs")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout.strip() == "[]"


def test_types_ship_with_the_package() -> None:
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is_for(module: str) -> None:
    name = f"cdk_transcribe/{module}".removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    assert importlib.import_module(name).__doc__


def _public_definitions(module: str) -> list[Any]:
    tree = ast.parse((PACKAGE / module).read_text())
    definitions = (ast.ClassDef, ast.FunctionDef)
    outer = [node for node in tree.body if isinstance(node, definitions) and not node.name.startswith("_")]
    inner = [
        node
        for owner in outer
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
        if isinstance(node, definitions) and not node.name.startswith("_")
    ]
    return outer + inner


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_public_class_function_and_property_has_a_docstring(module: str) -> None:
    silent = [node.name for node in _public_definitions(module) if not ast.get_docstring(node)]

    assert silent == []


@pytest.mark.parametrize("name", sorted(set(cdk_transcribe.__all__) - {"MEDIA_SUFFIXES", "Job"}))
def test_every_public_name_has_a_docstring_of_its_own(name: str) -> None:
    documented = getattr(cdk_transcribe, name)

    assert documented.__doc__
    assert documented.__doc__ != documented.__mro__[1].__doc__


@pytest.mark.parametrize(
    "name",
    [
        "CallAnalyticsCategory",
        "DataAccessRole",
        "JobLedger",
        "MedicalVocabulary",
        "TranscribeStorage",
        "TranscriptionPipeline",
        "Vocabulary",
        "VocabularyFilter",
    ],
)
def test_a_construct_takes_scope_and_id_and_then_keywords_only(name: str) -> None:
    parameters = list(inspect.signature(getattr(cdk_transcribe, name).__init__).parameters.values())[1:]

    assert [parameter.name for parameter in parameters[:2]] == ["scope", "id"]
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters[2:])


@pytest.mark.parametrize("module", MODULES)
def test_no_module_names_the_local_aws(module: str) -> None:
    source = (PACKAGE / module).read_text()

    assert not [word for word in ("transcribe_local", "ministack", "localhost", "AWS_ENDPOINT_URL") if word in source]
