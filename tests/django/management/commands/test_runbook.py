"""manage.py runbook: the command line, where the settings say which environment is meant."""

from __future__ import annotations

from tests.django.hosts import Host


def test_it_is_the_command_line_with_its_help_and_exit_status(host: Host) -> None:
    """A verb answers for the settings' environment; usage is 2, an error of ours 1, and each names manage.py."""
    fine = host.manage("runbook", "--settings=site_of_shop.settings", "pending")
    assert (fine.returncode, fine.stdout) == (0, "production: nothing is pending\n")
    unknown = host.manage("runbook", "no-such-verb")
    assert (unknown.returncode, unknown.stderr.partition("\n")[0]) == (
        2,
        "Usage: manage.py runbook [OPTIONS] COMMAND [ARGS]...",
    )
    init = host.manage("runbook", "init")
    assert init.returncode == 1
    assert init.stderr.startswith("error: manage.py runbook has no 'init'; add the setting NBRUNBOOK")


def test_call_command_has_the_same_words(host: Host) -> None:
    """What it says is in the given streams; an error is a CommandError in the same words, with the exit status."""
    script = """
    said = [call("runbook", *words.split()) for words in (
        "pending", "pending -e nowhere", "pending -e x", "status", "pending --no-such-option", "textconv x")]
    try:
        call_command("runbook", "check", stdout=io.StringIO(), stderr=io.StringIO())
    except CommandError as error:
        said.append(error.returncode)
    print(json.dumps(said))
    """
    host.set(ENVIRONMENTS={"production": {}})
    pending, nowhere, undeclared, status, option, textconv, code = host.answers(script)
    assert pending.endswith("production: nothing is pending\n")
    assert nowhere.startswith("refused: unknown environment 'nowhere'; expected one of: production")
    assert undeclared.endswith('; declare it in NBRUNBOOK["ENVIRONMENTS"]')
    assert status.startswith("refused: ")
    assert "'manage.py runbook instantiate'" in status
    assert option.startswith("refused: No such option")
    assert textconv.startswith("refused: manage.py runbook has no 'textconv'")
    assert code == 2


def test_settings_that_are_wrong_are_told_in_words(host: Host) -> None:
    """No traceback, and nothing is written; --help needs no settings of ours."""
    host.set(ENVIRONMENT=3)
    wrong = host.manage("runbook", "pending")
    assert wrong.returncode == 1
    assert 'settings.NBRUNBOOK["ENVIRONMENT"]' in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    assert host.manage("runbook", "pending", "--help").returncode == 0
