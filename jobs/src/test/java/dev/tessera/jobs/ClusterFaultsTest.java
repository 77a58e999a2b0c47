package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.jobs.FaultyEngine.Trouble;
import dev.tessera.jobs.LocalCluster.Offer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may go wrong with executors, as docs/faults.md lists it: processes of their own. */
@Tag("slow")
class ClusterFaultsTest {
  private static LocalCluster cluster;

  @BeforeAll
  static void twoWorkers() throws Exception {
    cluster = LocalCluster.start(Offer.cores(1), Offer.cores(1));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aChunkWhoseExecutorIsKilledIsTriedOnAnother() throws Exception {
    FaultyRun run = run(Trouble.DIES_ONCE);

    assertThat(run.engine().begun()).isEqualTo(2);
    run.assertOthersWereBegunOnce();
    run.assertMapIsUndisturbed();
  }

  @Test
  void aChunkThatKillsEveryExecutorIsGivenUpAndTheRestGoesOn() throws Exception {
    FaultyRun run = run(Trouble.DIES);

    assertThat(run.engine().begun()).isEqualTo(3);
    run.assertOthersWereBegunOnce();
    assertThat(run.onlyFailure())
        .isEqualTo(
            List.of(
                "ENGINE_ERROR",
                "3 tries ended without a result: executors were lost while they worked on it"));
  }

  @Test
  void aChunkThatFailsOnceIsTriedAgain() throws Exception {
    FaultyRun run = run(Trouble.THROWS_ONCE);

    assertThat(run.engine().begun()).isEqualTo(2);
    run.assertMapIsUndisturbed();
  }

  @Test
  void aChunkThatAlwaysFailsIsGivenUpAfterItsTries() throws Exception {
    FaultyRun run = run(Trouble.THROWS);

    assertThat(run.engine().begun()).isEqualTo(3);
    assertThat(run.onlyFailure())
        .isEqualTo(
            List.of("ENGINE_ERROR", "java.lang.IllegalStateException: this chunk confuses me"));
  }

  @Test
  void photosThatCannotBeFetchedEndTheRunAndAreNoFailureOfAChunk() throws Exception {
    FaultyRun run = run(Trouble.CANNOT_FETCH);

    assertThat(run.engine().begun()).isEqualTo(4);
    assertThat(run.run().exitCode()).isEqualTo(ExitCodes.FAILED);
    assertThat(run.run().err()).contains("the photos are away");
    assertThat(run.workspace().resolve("map")).doesNotExist();
  }

  @Test
  void twoAttemptsAtOneChunkMakeOne() throws Exception {
    FaultyRun run =
        run(
            Trouble.WAITS_FOR_ANOTHER,
            "spark.speculation=true",
            "spark.speculation.quantile=0.3",
            "spark.speculation.multiplier=1.1");

    assertThat(run.engine().begun()).isGreaterThanOrEqualTo(2);
    run.assertMapIsUndisturbed();
  }

  private static FaultyRun run(Trouble trouble, String... sparkSettings) throws Exception {
    List<String> settings = new ArrayList<>(FaultyRun.settings(cluster.arguments(sparkSettings)));
    settings.add("reconstruct.chunks-at-once=1");
    return FaultyRun.of(trouble, cluster.master(), settings);
  }
}
