"""What the DAGs run, said once and without Airflow; docs/airflow.md describes it."""

# The stages that make a map, in order. Each takes up what is there, so a retry resumes.
STAGES = ("ingest", "partition", "reconstruct", "align", "repair", "merge")

# The tasks of a DAG, in order: the map is made, checked, and released.
TASKS = (*STAGES, "validate", "publish")

# Exit codes that another try does not change: wrong usage, and a map that breaks a rule.
FINAL_EXIT_CODES = (2, 5)

JAVA_CLASS = "dev.tessera.jobs.Tessera"

# Settings given to every stage, such as "merge.voxel-m=0.2": what conf/defaults.conf lists.
SETTINGS = ()

# Parameters of a run; Airflow asks for them when it is started by hand.
PARAMS = {
    "photos": "s3a://bucket/photos",
    "workspace": "s3a://bucket/workspace",
    "releases": "s3a://bucket/releases",
    "engine": "sfm",
    "weights": "",
    # Keep the plan of the map before and add the photos that are new; false for the first run.
    "extend": False,
}


def arguments(task):
    """The command line of a task, as Jinja templates of which none becomes empty."""
    if task == "validate":
        return ["check", "--workspace={{ params.workspace }}"]
    if task == "publish":
        return [
            "publish",
            "--workspace={{ params.workspace }}",
            "--releases={{ params.releases }}",
            "--run-name={{ run_id }}",
        ]
    own = {
        "ingest": ["--photos={{ params.photos }}"],
        "partition": ["--extend={{ params.extend }}"],
    }
    return [
        task,
        *own.get(task, []),
        "--workspace={{ params.workspace }}",
        "--run-name={{ run_id }}",
        "--engine={{ params.engine }}",
        "--set=network.weights={{ params.weights }}",
        *(f"--set={setting}" for setting in SETTINGS),
    ]


def result(task):
    """What a task hands on by XCom, as a Jinja template; None for nothing."""
    return {
        "merge": "{{ params.workspace }}/run-summary.json",
        "publish": "{{ params.releases }}/latest.json",
    }.get(task)
