package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.LocalCluster.Offer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The pipeline on executors that are processes of their own. */
class ClusterTest {
  @Test
  void aClusterMakesTheMapThatThreadsMake() throws Exception {
    Path workspace = SmallTown.newFolder("on-cluster");
    CommandLineRun run;
    int executors;
    try (LocalCluster cluster = LocalCluster.start(Offer.cores(1), Offer.cores(1))) {
      run =
          CommandLineRun.of(
              SmallTown.arguments(SmallTown.photos(), workspace),
              cluster.arguments().toArray(String[]::new));
      executors = cluster.executorLogs().size();
    }

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(executors).isEqualTo(2);
    try (MapSql onCluster = MapSql.of(workspace);
        MapSql onThreads = MapSql.of(SmallTown.published())) {
      assertThat(onCluster.cameras()).isEqualTo(onThreads.cameras());
      assertThat(onCluster.points()).isEqualTo(onThreads.points());
    }
  }
}
