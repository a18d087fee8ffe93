"""Files of TOML that an author wrote, read with limits: nothing in them makes it slow."""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

from nbrunbook.errors import ConfigurationError
from nbrunbook.project import author_files

MOST_DOTS = 500
"""Dots in one line of a configuration: a key of a key of a key takes the square of their number."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What a text in UTF-16 begins with, and one in UTF-32 too; editors on Windows write it."""


def read(path: Path) -> dict[str, Any]:
    """Return a file of TOML; ConfigurationError for whatever is none, or cannot be read."""
    try:
        content = author_files.read(path, at_most=author_files.LARGEST_SETTINGS)
        if content.startswith(UTF_16) or b"\0" in content[:4]:
            raise ConfigurationError(path, "text in UTF-16", "a file in UTF-8: save it as that")
        text = content.decode("utf-8-sig")
        if any(line.count(".") > MOST_DOTS for line in text.split("\n")):
            raise ConfigurationError(path, f"more than {MOST_DOTS} dots in one line", "shorter lines")
        document = tomllib.loads(text)
        _check_numbers(document)
        return document
    except RecursionError:
        raise ConfigurationError(path, "TOML that is nested too deeply", "a file in TOML") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(path, f"not TOML ({error})", "a file in TOML") from None
    except ValueError as error:
        raise ConfigurationError(path, str(error), "a regular file in its repository") from None
    except OSError as error:
        raise ConfigurationError(path, f"cannot be read ({error.strerror})", "a file") from None


def _check_numbers(value: object) -> None:
    """Raise ValueError for a whole number that Python does not write down again."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _check_numbers(each)
    elif isinstance(value, int) and value.bit_length() > 10_000:
        raise ValueError("a number of too many digits")
