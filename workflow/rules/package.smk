# Input: the folder of the Snakefile. Output: the default configuration, or what to do where Snakemake is too old or the
# package is not there.

from importlib.util import find_spec

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")

if find_spec("rankstudy") is None:
    raise WorkflowError(
        "the package `rankstudy` does not lie beside this Snakefile: from a repository that is not on this machine "
        "Snakemake takes single files only; clone it (`git clone ADDRESS rankstudy`) and name the Snakefile of the "
        'clone where you import the module (`snakefile: "rankstudy/Snakefile"`)'
    )

from rankstudy.core.files import find_file
from rankstudy.run.workflow import FOLDER


configfile: find_file("config/config.yaml", FOLDER)
