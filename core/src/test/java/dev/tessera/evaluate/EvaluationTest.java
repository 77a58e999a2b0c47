package dev.tessera.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final Evaluation.MapFacts FACTS =
      new Evaluation.MapFacts(200, 198, 1, 7, 0.8, 12345);

  @Test
  void fieldsKeepTheirPublishedNamesAndOrder() {
    TrajectoryErrors errors =
        new TrajectoryErrors(
            200, 198, 0.2, 0.1, 0.05, 0.9, 0.95, 19900, false, null, List.of(), null);

    Evaluation evaluation = new Evaluation(FACTS, errors);

    assertThat(evaluation.toFields().keySet())
        .startsWith(
            "photos",
            "registered",
            "components",
            "chunks",
            "ate_rmse_m",
            "ate_median_m",
            "rotation_mean_deg",
            "auc5",
            "auc30",
            "gps_residual_median_m",
            "points");
    assertThat(evaluation.toFields())
        .containsEntry("ate_rmse_m", 0.2)
        .containsEntry("points", 12345L);
  }

  @Test
  void whatIsNotKnownIsThereWithoutAValue() {
    Evaluation evaluation = Evaluation.withoutTruth(FACTS);

    assertThat(evaluation.toFields()).hasSize(11).containsEntry("ate_rmse_m", null);
    assertThat(evaluation.toTable())
        .containsPattern("ate_rmse_m +-\\R")
        .containsPattern("photos +200\\R");
  }
}
