"""The same on Kubernetes: each task is a pod that is the driver; docs/airflow.md says what it needs."""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.models.baseoperator import chain
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

from tessera_stages import JAVA_CLASS, PARAMS, TASKS, arguments, result

SUBMIT = (
    "--master",
    "k8s://https://kubernetes.default.svc",
    "--deploy-mode",
    "client",
    "--properties-file",
    "/opt/tessera/conf/spark.properties",
    "--class",
    JAVA_CLASS,
    "/opt/tessera/tessera-jobs.jar",
)


class TesseraPodOperator(KubernetesPodOperator):
    """Runs one command in a pod and hands on where its result is."""

    template_fields = (*KubernetesPodOperator.template_fields, "result")

    def __init__(self, *, result=None, **kwargs):
        super().__init__(**kwargs)
        self.result = result

    def execute(self, context):
        super().execute(context)
        return self.result


with DAG(
    dag_id="tessera_k8s",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # one driver per workspace
    params={**PARAMS, "image": "registry.example/tessera:0.1"},
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
    tags=["tessera"],
) as dag:
    chain(
        *(
            TesseraPodOperator(
                task_id=task,
                name="tessera-" + task,
                image="{{ params.image }}",
                cmds=["spark-submit"],
                arguments=[*SUBMIT, *arguments(task)],
                result=result(task),
                service_account_name="spark",
                get_logs=True,
                on_finish_action="delete_succeeded_pod",
            )
            for task in TASKS
        )
    )
