"""Parses a DAG file with stand-ins for the Airflow classes it names, and prints the tasks as JSON.

The stand-ins know the parameters of the real classes (Airflow 3, providers apache-spark and
cncf-kubernetes) as far as they are named here, and refuse any other. argv: folder, file.
"""

import json
import runpy
import sys
import types

BASE = {"task_id"}
SPARK = {"name", "application", "java_class", "application_args", "deploy_mode", "properties_file",
         "conn_id", "conf", "files", "jars", "packages", "env_vars", "num_executors",
         "executor_cores", "executor_memory", "driver_memory"}
POD = {"name", "image", "cmds", "arguments", "service_account_name", "get_logs",
       "on_finish_action", "namespace", "env_vars", "labels"}
DAGS = {"dag_id", "schedule", "start_date", "catchup", "max_active_runs", "params", "default_args", "tags"}

current = []


class AirflowException(Exception):
    pass


class AirflowFailException(AirflowException):
    pass


class DAG:
    def __init__(self, **kwargs):
        refuse(kwargs, DAGS)
        self.options, self.tasks = kwargs, {}

    def __enter__(self):
        current.append(self)
        return self

    def __exit__(self, *_):
        return None


class Operator:
    allowed = BASE
    failure = None

    def __init__(self, **kwargs):
        refuse(kwargs, BASE | self.allowed)
        self.__dict__.update(kwargs)
        self.downstream = []
        current[-1].tasks[self.task_id] = self

    def execute(self, context):
        if Operator.failure:
            raise AirflowException(Operator.failure)


class SparkSubmitOperator(Operator):
    allowed = SPARK
    template_fields = ("application", "application_args", "name", "properties_file")


class KubernetesPodOperator(Operator):
    allowed = POD
    template_fields = ("image", "name", "cmds", "arguments")


def refuse(kwargs, allowed):
    unknown = set(kwargs) - allowed
    if unknown:
        raise TypeError(f"unexpected parameters {sorted(unknown)}")


def chain(*tasks):
    for before, after in zip(tasks, tasks[1:]):
        before.downstream.append(after.task_id)


def module(name, **members):
    parts = name.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    sys.modules[name].__dict__.update(members)


def ending(task, failure):
    """How a task ends whose submission fails so."""
    Operator.failure = failure
    try:
        task.execute({})
        return "ok"
    except AirflowException as e:
        return type(e).__name__
    finally:
        Operator.failure = None


module("airflow", DAG=DAG)
module("airflow.exceptions", AirflowException=AirflowException, AirflowFailException=AirflowFailException)
module("airflow.models.baseoperator", chain=chain)
module("airflow.providers.apache.spark.operators.spark_submit", SparkSubmitOperator=SparkSubmitOperator)
module("airflow.providers.cncf.kubernetes.operators.pod", KubernetesPodOperator=KubernetesPodOperator)

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
dag = runpy.run_path(sys.argv[1] + "/" + sys.argv[2])["dag"]
json.dump(
    {
        "max_active_runs": dag.options["max_active_runs"],
        "retries": dag.options["default_args"]["retries"],
        "params": dag.options["params"],
        "tasks": [
            {
                "id": t.task_id,
                "downstream": t.downstream,
                "arguments": getattr(t, "application_args", None) or t.arguments,
                "result": t.execute({}),
                "templated": "result" in type(t).template_fields,
                "endings": {c: ending(t, f"Cannot execute: spark-submit x. Error code is: {c}.")
                            for c in (1, 2, 3, 4, 5)},
            }
            for t in dag.tasks.values()
        ],
    },
    sys.stdout,
)
