"""A map on a schedule, by spark-submit in client mode; docs/airflow.md says how to set it up."""

import re
from datetime import datetime, timedelta

from airflow import DAG
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.models.baseoperator import chain
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

from tessera_stages import FINAL_EXIT_CODES, JAVA_CLASS, PARAMS, TASKS, arguments, result


class TesseraOperator(SparkSubmitOperator):
    """Submits one command, hands on where its result is, and fails for good where a retry is vain."""

    template_fields = (*SparkSubmitOperator.template_fields, "result")

    def __init__(self, *, result=None, **kwargs):
        super().__init__(**kwargs)
        self.result = result

    def execute(self, context):
        try:
            super().execute(context)
        except AirflowException as e:
            code = re.search(r"Error code is: (\d+)", str(e))
            if code and int(code.group(1)) in FINAL_EXIT_CODES:
                raise AirflowFailException(str(e)) from e
            raise
        return self.result


with DAG(
    dag_id="tessera",
    schedule=None,
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,  # one driver per workspace
    params=PARAMS,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
    tags=["tessera"],
) as dag:
    chain(
        *(
            TesseraOperator(
                task_id=task,
                name="tessera-" + task,
                application="/opt/tessera/tessera-jobs.jar",
                java_class=JAVA_CLASS,
                application_args=arguments(task),
                result=result(task),
                deploy_mode="client",
                properties_file="/opt/tessera/conf/spark.properties",
                conn_id="spark_default",
            )
            for task in TASKS
        )
    )
