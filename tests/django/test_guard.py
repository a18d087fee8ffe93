"""The guard: which ways of migrating wait for a step, and which pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Server
from tests.django import hosts
from tests.django.hosts import Host, sqlite

RELEASE = "# Release\n\n- [ ] The old code is gone {#gone}\n- [ ] Look {#look .optional}\n"
REFUSED = "refused: shop.0003_drop waits for the step gone of 1.0. production: "
WAY_ON = "What does not wait:\n  manage.py migrate shop 0002_add\n  manage.py migrate stock"


@pytest.fixture
def waiting(tmp_path: Path) -> Host:
    """A shop whose third migration waits; it has been deployed with the first of them."""
    host = Host(tmp_path / "shop")
    host.databases["other"] = sqlite(host.root / "other.sqlite3")
    host.set()
    host.template("1.0", RELEASE)
    host.migration("shop", "0002_add", "[migrations.AddField('Product', 'sku', models.TextField(null=True))]")
    step, operation = 'runbook_step = "1.0#gone"', "[migrations.RemoveField('Product', 'sku')]"
    host.migration("shop", "0003_drop", operation, after="0002_add", extra=step)
    return host


BEGIN = """
sys.modules["papermill"] = None  # as in an image: nothing of the notebooks is loaded
def begin():
    for each in ("default", "other"):
        call("migrate", "shop", "0001", database=each)
    call("runbook", "journal", "init")
    call("runbook", "instantiate", "--pending")
def applied(alias="default"):
    from django.db import connections
    from django.db.migrations.recorder import MigrationRecorder
    return sorted(name for app, name in MigrationRecorder(connections[alias]).applied_migrations() if app == "shop")
begin()
said = {}
"""


def test_every_way_of_migrating_forwards_waits(waiting: Host) -> None:
    """All apps, one, up to one, without checks, in another database: refused in the same words, nothing applied."""
    said = waiting.answers(f"""{BEGIN}
for name, arguments in dict(all=[], app=["shop"], target=["shop", "0003"], unchecked=["--skip-checks"],
                            other=["--database", "other"], verbose=["-v", "0"]).items():
    said[name] = call("migrate", *arguments)
said["applied"] = [*applied(), *applied("other")]
print(json.dumps(said))
""")
    assert isinstance(said, dict)
    assert said.pop("applied") == ["0001_initial"] * 2
    assert all(
        each.startswith(REFUSED + "“The old code is gone” is open in the runbook production/1.0.")
        for each in said.values()
    )
    assert all("\nNothing was applied." in each for each in said.values())
    assert WAY_ON in said["all"]
    assert "manage.py migrate shop 0002_add --database=other" in said["other"]
    assert "manage.py runbook tick production/1.0 gone" in said["app"]


def test_the_command_line_refuses_in_words(waiting: Host) -> None:
    """Exit status 1, no traceback; and the way on that it names leads on."""
    waiting.run(f"{BEGIN}")
    done = waiting.manage("migrate")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert done.stderr.startswith("CommandError: shop.0003_drop waits for the step gone of 1.0.")
    assert "Running migrations" not in done.stdout
    said = waiting.run("""
print(call("migrate", "shop", "0002_add"))
call("runbook", "tick", "production/1.0", "gone")
print(call("migrate"))
""")
    assert "Applying shop.0002_add... OK" in said
    assert "Applying shop.0003_drop... OK" in said


def test_what_applies_nothing_passes(waiting: Host) -> None:
    """`--plan` and `--check` answer as Django does; backwards and `--fake` pass, and what stops before it."""
    said = waiting.answers(f"""{BEGIN}
said["plan"] = call("migrate", "--plan")
try:
    call("migrate", "--check")
except SystemExit as error:
    said["check"] = error.code
said["before"] = call("migrate", "shop", "0002")
said["fake"] = call("migrate", "--fake")
said["faked"] = applied()
call("migrate", "shop", "0002", "--fake")
said["initial"] = call("migrate", "shop", "--fake-initial")
said["backwards"] = call("migrate", "shop", "0001")
said["applied"] = applied()
print(json.dumps(said))
""")
    assert isinstance(said, dict)
    assert (said["check"], "shop.0003_drop" in said["plan"], "refused" in said["plan"]) == (1, True, False)
    assert "Applying shop.0002_add... OK" in said["before"]
    assert (said["faked"], "FAKED" in said["fake"]) == (["0001_initial", "0002_add", "0003_drop"], True)
    assert said["initial"].startswith(REFUSED)
    assert ("Unapplying shop.0002_add... OK" in said["backwards"], said["applied"]) == (True, ["0001_initial"])


def test_a_skipped_step_lets_it_through_and_says_why(waiting: Host) -> None:
    """The reason stands in what `migrate` prints."""
    said = waiting.run(f"""{BEGIN}
call("runbook", "skip", "production/1.0", "gone", "--reason", "there are no workers")
print(call("migrate"))
""")
    assert "shop.0003_drop goes on: “The old code is gone” was skipped in the runbook production/1.0 by " in said
    assert ": there are no workers.\n" in said
    assert "Applying shop.0003_drop... OK" in said


def test_a_new_database_does_not_wait(waiting: Host) -> None:
    """Where the app's first migration is in the plan, there is no old code; not even a journal is asked."""
    script = "print(call('migrate')); print([each for each in ('sqlalchemy', 'markdown_it') if each in sys.modules])"
    said = waiting.run(script)
    assert "Applying shop.0003_drop... OK" in said
    assert said.endswith("[]\n")


def test_tables_that_are_there_are_no_new_database(waiting: Host) -> None:
    """Where the first migration is in the plan, and its tables are there already, `--fake-initial` waits as well."""
    said = waiting.run(f"""{BEGIN}
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_unapplied("shop", "0001_initial")
print(call("migrate", "--fake-initial"))
""")
    assert said.startswith(REFUSED)


def test_without_an_environment_nothing_is_asked_and_that_is_said(waiting: Host) -> None:
    """A developer's database goes on; so does a deployed one, of which `check --deploy` warns."""
    waiting.set(ENVIRONMENT=None)
    said = waiting.run(f"{BEGIN}\nprint(call('migrate'))")
    assert 'NBRUNBOOK["ENVIRONMENT"] is not set' in said
    assert "Applying shop.0003_drop... OK" in said


def test_what_the_journal_cannot_say_refuses(waiting: Host) -> None:
    """No journal, one that is damaged, a step that was never made, and one that the runbook has not."""
    said = waiting.answers("""
call("migrate", "shop", "0001")
said = {"none": call("migrate")}
open("db.nbrunbook.sqlite3", "w").write("no journal " * 500)
said["damaged"] = call("migrate")
os.remove("db.nbrunbook.sqlite3")
call("runbook", "journal", "init")
said["unmade"] = call("migrate")
call("runbook", "instantiate", "--pending")
import importlib
drop = importlib.import_module("shop.migrations.0003_drop").Migration
drop.runbook_step = "1.0#gnoe"
said["typo"] = call("migrate")
drop.runbook_step = "gone"
said["wrong"] = call("migrate")
drop.runbook_step = "1.0#gone@prodcution"
said["place"] = call("migrate")
print(json.dumps(said))
""")
    assert isinstance(said, dict)
    assert "nobody can say whether it is settled: no journal at" in said["none"]
    assert "nobody can say whether it is settled" in said["damaged"]
    assert (
        "there is no runbook production/1.0.\n  make what this code holds: manage.py runbook instantiate"
        in said["unmade"]
    )
    assert "has no step gnoe (did you mean gone?)." in said["typo"]
    assert "runbook_step = 'gone'; expected \"RELEASE#STEP\"" in said["wrong"]
    assert "prodcution" in said["place"]
    assert all("Nothing was applied." in each and each.startswith("refused: shop.0003_drop") for each in said.values())


def test_unguarded_passes_with_a_reason_that_is_noted(waiting: Host) -> None:
    """In the runbook where there is one; where there is none, or no journal, that is said. A blank reason is none."""
    said = waiting.answers(f"""
{BEGIN}
os.environ["NBRUNBOOK_UNGUARDED"] = " "
said["blank"] = call("migrate")
os.environ["NBRUNBOOK_UNGUARDED"] = "production is down"
said["noted"] = call("migrate", verbosity=0)
os.rename("db.nbrunbook.sqlite3", "away")
said["away"] = call("migrate", database="other")
os.rename("away", "db.nbrunbook.sqlite3")
from nbrunbook.django import site
from nbrunbook.project.operator import declared
from nbrunbook.work.opening import open_session
session = open_session(site.project(), "production/1.0", declared("ana", "env"))
(said["note"],) = [each.data["note"] for each in session.progress.notes]
print(json.dumps(said))
""")
    assert isinstance(said, dict)
    assert said["blank"].startswith(REFUSED)
    assert "goes on unguarded (production is down); noted in the runbook production/1.0.\n" in said["noted"]
    assert "which is not noted: " in said["away"]
    assert "Applying shop.0003_drop... OK" in said["away"]
    assert said["note"].startswith(
        "NBRUNBOOK_UNGUARDED in production: production is down. shop.0003_drop waits for the"
    )


def test_a_step_of_a_group_waits_for_all_of_it(waiting: Host) -> None:
    """`…@production` is settled where each environment of the group has settled it; without it, one's own is enough."""
    waiting.set(ENVIRONMENTS={"eu": {"group": "production"}, "us": {"group": "production"}}, ENVIRONMENT="eu")
    waiting.set(JOURNAL="journal.db")
    said = waiting.answers("""
sys.modules["papermill"] = None
call("migrate", "shop", "0001")
call("runbook", "journal", "init")
call("runbook", "instantiate", "--pending", "-e", "production")
import importlib
drop = importlib.import_module("shop.migrations.0003_drop").Migration
drop.runbook_step = "1.0#gone@production"
said = {"both": call("migrate")}
call("runbook", "tick", "eu/1.0", "gone")
said["us"] = call("migrate")
drop.runbook_step = "1.0#gone"
call("migrate", "shop", "0002")
said["own"] = call("migrate", "stock")
call("runbook", "tick", "us/1.0", "gone")
drop.runbook_step = "1.0#gone@production"
said["done"] = call("migrate")
print(json.dumps(said))
""")
    assert isinstance(said, dict)
    assert "gone of 1.0 in all of production. eu: “The old" in said["both"]
    assert "; us: “The old" in said["both"]
    assert ("us: “" in said["us"], "eu: “" in said["us"]) == (True, False)
    assert "refused" not in said["own"]
    assert "Applying shop.0003_drop... OK" in said["done"]


def test_a_database_of_its_own_cannot_ask_for_a_group(waiting: Host) -> None:
    """The journal in a site's own database serves one environment: that is said, and nothing is applied."""
    waiting.migration("shop", "0003_drop", "[]", after="0002_add", extra='runbook_step = "1.0#gone@staging"')
    said = waiting.run(f"{BEGIN}\nprint(call('migrate'))")
    assert "nobody can say whether it is settled: the journal is in the database of production, and staging" in said
    assert "Nothing was applied." in said


def test_a_squash_waits_while_the_files_are_there(waiting: Host) -> None:
    """It is read through `replaces`; the message names the file that says so."""
    replaces = 'replaces = [("shop", "0002_add"), ("shop", "0003_drop")]'
    waiting.migration("shop", "0002_squashed", "[]", extra=replaces)
    said = waiting.run(f"{BEGIN}\nprint(call('migrate', 'shop'))")
    assert "shop.0002_squashed waits for the step gone of 1.0 (as shop.0003_drop says, which it replaces)." in said
    assert "  manage.py migrate shop 0001_initial\n" in said


OWN_TESTS = """
from django.core.management import CommandError, call_command
from django.test import TransactionTestCase
from nbrunbook.django.test import journal

class Tests(TransactionTestCase):
    databases = ["default", "other"]

    def test_it_passes(self):
        call_command("migrate", "shop", "0002", verbosity=0)
        call_command("migrate", verbosity=0)

    @journal()
    def test_a_test_that_asks_for_a_journal_sees_it_wait(self):
        call_command("migrate", "shop", "0002", verbosity=0)
        with self.assertRaisesRegex(CommandError, "there is no runbook production/1.0"):
            call_command("migrate", verbosity=0)
        call_command("runbook", "instantiate", "--pending")
        call_command("runbook", "tick", "production/1.0", "gone")
        call_command("migrate", verbosity=0)
"""


def test_databases_of_tests_do_not_wait(waiting: Host) -> None:
    """Neither a fresh one, nor one that is kept and gets a migration that waits; a test that asks for a journal may."""
    waiting.databases["default"]["TEST"] = {"NAME": str(waiting.root / "test_default.sqlite3")}
    waiting.databases["other"]["TEST"] = {"NAME": str(waiting.root / "test_other.sqlite3")}
    waiting.set()
    drop = (waiting.root / "shop/migrations/0003_drop.py").read_text(encoding="utf-8")
    (waiting.root / "shop/migrations/0003_drop.py").unlink()
    waiting.write("shop/tests.py", OWN_TESTS.replace("def test_a_test", "def no_test_a_test"))
    assert waiting.manage("test", "--keepdb").returncode == 0
    waiting.write("shop/migrations/0003_drop.py", drop)
    waiting.write("shop/tests.py", OWN_TESTS)
    done = waiting.manage("test", "--keepdb")
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr


def test_a_journal_in_the_database_that_is_migrated(waiting: Host, postgres: Server) -> None:
    """On PostgreSQL: open, done, and not to be reached; none of our settings stays in Django's connection."""
    waiting.databases = {"default": hosts.postgres(postgres.fresh())}
    waiting.set()
    said = waiting.answers("""
from django.db import connection
sys.modules["papermill"] = None
call("migrate", "shop", "0001")
said = {"none": call("migrate")}
call("runbook", "journal", "init")
call("runbook", "instantiate", "--pending")
said["open"] = call("migrate")
with connection.cursor() as cursor:
    cursor.execute("SHOW search_path")
    said["path"] = cursor.fetchone()[0]
os.environ["NBRUNBOOK_JOURNAL"] = "postgresql+psycopg://nobody@127.0.0.1:9/none"
said["away"] = call("migrate")
del os.environ["NBRUNBOOK_JOURNAL"]
call("runbook", "tick", "production/1.0", "gone")
said["done"] = call("migrate")
print(json.dumps(said))
""")
    assert isinstance(said, dict)
    assert "nobody can say whether it is settled: postgresql://" in said["none"]
    assert "holds no journal; 'manage.py runbook journal init' makes one" in said["none"]
    assert said["open"].startswith(REFUSED)
    assert said["path"] == '"$user", public'
    assert "nobody can say whether it is settled: " in said["away"]
    assert "Nothing was applied." in said["away"]
    assert "Applying shop.0003_drop... OK" in said["done"]
