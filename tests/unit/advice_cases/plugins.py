"""Remedies of what is refused of plug-ins: Python files that declare spaces, models and figures."""

import yaml

from rankstudy.report.figure import modules
from tests.unit.advice_cases.releases import HUB, file
from tests.unit.advice_toy import Toy

HEAD = "from rankstudy.spaces.models.registry import Model\nfrom rankstudy.spaces.registry import SpaceSpec\n"
FUNCTION = "\n\ndef f(counts, totals):\n    return counts\n"
FIGURE = "from rankstudy.report.figure import Figure\n\nFIGURE = Figure(title='t', caption='c', reads={})\n"
DRAW = "\n\ndef draw(outputs):\n    pass\n"
MODEL = "MODELS = {'mine': Model(title='Mine', release='bag.yaml')}\n"
RELEASE = yaml.safe_dump({"title": "Bag", "files": {"genes": file("genes.tsv"), "weights": file("w.npy")}, **HUB})


class Plugged(Toy):
    """The data set `toy`, and a study with plug-ins and their files, by their paths; of each plug-in its spaces."""

    def __init__(self, files, spaces=("rank",), models=None):
        super().__init__(spaces=list(spaces))
        self.files = dict(files)
        self.studying(models=models or {}, plugins=[path for path in files if not path.endswith(".yaml")]).loading()

    def load(self):
        for path, text in self.files.items():
            (self.folder / path).parent.mkdir(exist_ok=True)
            (self.folder / path).write_text(text)
        plan = super().load()
        modules(self.study["plugins"])
        return plan


def plugged(text, name="mine.py", **options):
    return lambda: Plugged({name: text}, **options)


def two(text, other, **options):
    return lambda: Plugged({"mine.py": text, "other.py": other}, **options)


def spaces(mine="function='f'", name="mine", more="", metric="cosine"):
    """Return a file that declares one space by its arguments, and a function."""
    space = f"SpaceSpec(title='Mine', measure='m', metric={metric!r}, {mine})"
    return f"{HEAD}SPACES = {{{name!r}: {space}{more}}}\n{FUNCTION}"


def put(text, name="mine.py"):
    """Return a remedy: a file holds something else."""
    return lambda toy, said: toy.files.update({name: text})


def rename(before, after, **declared):
    """Return a remedy: a file has another name, in the study and in what declares it."""

    def mend(toy, said):
        toy.files[after] = toy.files.pop(before)
        (toy.folder / before).unlink()
        toy.studying(plugins=[after if path == before else path for path in toy.study["plugins"]])
        toy.files.update({name.replace("_", "/") + ".py": text for name, text in declared.items()})

    return mend


def first_of_those_said(said):
    return said.partition(": ")[2].split(", ")[0]


def write(path):
    """Return a remedy: the plug-in's release is written."""
    return lambda toy, said: toy.files.update({path: RELEASE})


OTHER_OF_A_FIT = ", 'two': SpaceSpec(title='2', measure='m', metric='cosine', function='f', parent='mine')"
TWO_BAGS = {
    "a/one.py": HEAD + MODEL,
    "a/bag.yaml": RELEASE,
    "b/two.py": HEAD + MODEL.replace("'mine'", "'other'"),
    "b/bag.yaml": RELEASE.replace("Bag", "Other"),
}

MEETS = [
    (
        lambda: Plugged({"mine.txt": spaces()}),
        {"config.models: write the path of a file that ends in .py": rename("mine.txt", "mine.py")},
    ),
    (
        lambda: Plugged({}).studying(plugins=["absent.py"]),
        {
            "config.models: write the path of a file that ends in .py": lambda toy, said: toy.files.update(
                {"absent.py": spaces()}
            )
        },
    ),
    (
        plugged(f"import notapackage\n{spaces()}"),
        {
            "core.modules: import it inside the functions that need it": put(
                spaces().replace("    return", "    import notapackage\n\n    return")
            )
        },
    ),
    (plugged(spaces().replace("}", "", 1)), {"core.modules: correct the file": put(spaces())}),
    (plugged(spaces().replace("Mine", "Mine', titel='")), {"core.modules: correct the file": put(spaces())}),
    (
        plugged(FIGURE + DRAW, "My-Figure.py"),
        {
            (
                "report.figure: rename the file: lower-case letters, digits and _, such as my_figure.py"
            ): lambda toy, said: rename("My-Figure.py", said.split()[-1])(toy, said)
        },
    ),
    (
        plugged(FIGURE + DRAW, "matrix.py"),
        {
            "report.figure: rename the file: lower-case letters, digits and _, such as my_figure.py": rename(
                "matrix.py", "my_matrix.py"
            )
        },
    ),
    (
        plugged(FIGURE),
        {"report.figure: declare `FIGURE = Figure(...)` and write `draw`": put(FIGURE + DRAW)},
    ),
    (
        plugged("FIGURE = 3\n" + DRAW),
        {"report.figure: declare `FIGURE = Figure(...)` and write `draw`": put(FIGURE + DRAW)},
    ),
    (
        plugged(spaces("function='f', parent='two'", more=OTHER_OF_A_FIT), spaces=["two"]),
        {
            "spaces.catalogue: give one of them another `parent`": put(
                spaces("function='f', parent='rank'", more=OTHER_OF_A_FIT)
            )
        },
    ),
    (
        plugged(f"{HEAD}SPACES = []\n"),
        {"spaces.catalogue: write `… = {'my-name': …(...)}`": put(spaces(name="my-name"))},
    ),
    (
        plugged(f"{HEAD}MODELS = {{'mine': 3}}\n"),
        {"spaces.catalogue: write `… = {'my-name': …(...)}`": put(HEAD + MODEL)},
    ),
    (plugged(spaces(name="rank")), {"spaces.catalogue: give it another name": put(spaces())}),
    (
        plugged(HEAD + MODEL.replace("'mine'", "'rank'")),
        {"spaces.catalogue: give it another name": put(HEAD + MODEL)},
    ),
    (
        plugged(spaces(), models={"rank": {"model": "geneformer"}}),
        {
            "spaces.catalogue: give it another name": lambda toy, said: toy.studying(
                models={"another": {"model": "geneformer"}}
            )
        },
    ),
    (two(spaces(), spaces()), {"spaces.catalogue: give it another name": put(spaces(name="another"), "other.py")}),
    (
        plugged(spaces(name="My Name")),
        {
            "spaces.catalogue: write lower-case letters and digits, with - between, such as my-name": (
                lambda toy, said: toy.files.update({"mine.py": spaces(name=said.split()[-1])})
            )
        },
    ),
    (
        plugged(spaces(mine="")),
        {"spaces.catalogue: name the one that makes its vectors": put(spaces())},
    ),
    (
        plugged(spaces("function='g'"), spaces=["mine"]),
        {
            "spaces.catalogue: write the function": put(spaces("function='g'") + FUNCTION.replace("def f", "def g")),
            "spaces.catalogue: name it as `module:function`": put(
                spaces("function='rankstudy.spaces.encodings.rank:fractional_ranks'")
            ),
        },
    ),
    *(
        (
            plugged(spaces(f"function='f', {key}='{wrong}'"), spaces=["mine"]),
            {
                "spaces.catalogue: name one that there is: …": lambda toy, said, key=key: toy.files.update(
                    {"mine.py": spaces(f"function='f', {key}={first_of_those_said(said)!r}")}
                )
            },
        )
        for key, wrong in (("parent", "rnak"), ("role", "basline"), ("needs", "cuonts"))
    ),
    (
        plugged(spaces(metric="cosin"), spaces=["mine"]),
        {
            "spaces.catalogue: name one that there is: …": lambda toy, said: toy.files.update(
                {"mine.py": spaces(metric=first_of_those_said(said))}
            )
        },
    ),
    (
        plugged(spaces(), models={"more": {"model": "genformer", "release": "v1_10m"}}, spaces=["rank", "more"]),
        {
            "spaces.catalogue: name one that there is: …": lambda toy, said: toy.study["models"]["more"].update(
                model=first_of_those_said(said)
            )
        },
    ),
    (
        plugged(HEAD + MODEL.replace("title=", "kind='trained', title=")),
        {
            "spaces.catalogue: name one that there is: …": lambda toy, said: toy.files.update(
                {"mine.py": HEAD + MODEL.replace("title=", f"kind={first_of_those_said(said)!r}, title=")}
            )
        },
    ),
    (
        plugged(spaces(), models={"trained-here": {"release": "v1_10m"}}, spaces=["trained-here"]),
        {
            "config.models: state it there": lambda toy, said: toy.studying(
                geneformer={"release": toy.study["models"].pop("trained-here")["release"]}
            )
        },
    ),
    (
        plugged(HEAD + MODEL, "models/mine.py", spaces=["mine"]),
        {"config.models: write it beside the plug-in": write("models/bag.yaml")},
    ),
    (
        lambda: Plugged(TWO_BAGS, spaces=["mine", "other"]),
        {
            "config.models: rename one of the files": rename(
                "b/bag.yaml", "b/other.yaml", b_two=TWO_BAGS["b/two.py"].replace("bag.yaml", "other.yaml")
            )
        },
    ),
]
