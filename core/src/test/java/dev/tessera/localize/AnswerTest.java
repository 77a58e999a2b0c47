package dev.tessera.localize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.PhotoPose;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.PhotoPose.NotLocated;
import dev.tessera.reconstruct.PhotoPose.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
  private static final Intrinsics LENS = Intrinsics.centered(800, 600, 700);

  @Test
  void theSurestAnswerIsBelievedWhateverTheOrder() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Answer> answers = answers(random);
      double surest =
          answers.stream()
              .filter(a -> a.pose() instanceof Located)
              .mapToDouble(a -> ((Located) a.pose()).confidence())
              .max()
              .orElse(-1);

      Answer best = answers.stream().reduce(Answer::better).orElseThrow();
      Collections.shuffle(answers, random);
      List<Answer> left = answers.subList(0, answers.size() / 2);
      List<Answer> right = answers.subList(answers.size() / 2, answers.size());

      if (surest >= 0) {
        assertThat(((Located) best.pose()).confidence()).isEqualTo(surest);
      } else {
        assertThat(best.pose()).isInstanceOf(NotLocated.class);
      }
      assertThat(Answer.better(best(left), best(right))).isEqualTo(best);
    }
  }

  @Test
  void ofEquallySureAnswersTheFirstChunksIsBelieved() {
    assertThat(Answer.better(located(5, 0.5), located(3, 0.5))).isEqualTo(located(3, 0.5));
  }

  @Test
  void aReasonOfAChunkThatLookedSaysMoreThanOneThatDidNot() {
    Answer looked = new Answer(new ChunkId(9), new NotLocated(Reason.POSE_NOT_FOUND, "too far"));
    Answer empty = new Answer(new ChunkId(1), new NotLocated(Reason.NO_MEMORY, "none"));

    assertThat(Answer.better(looked, empty)).isEqualTo(looked);
    assertThat(Answer.better(empty, located(12, 0))).isEqualTo(located(12, 0));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void aConfidenceIsAShareOfOne(double confidence) {
    assertThatThrownBy(() -> located(4, confidence))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Confidence must be in [0, 1], was %s in chunk 4".formatted(confidence));
  }

  private static Answer best(List<Answer> answers) {
    return answers.stream().reduce(Answer::better).orElseThrow();
  }

  /** Two to eight, of different chunks, some equally sure. */
  private static List<Answer> answers(Random random) {
    List<Answer> answers = new ArrayList<>();
    int count = 2 + random.nextInt(7);
    for (int chunk = 0; chunk < count; chunk++) {
      PhotoPose pose =
          random.nextInt(3) > 0
              ? new Located(Rigid3.IDENTITY, LENS, random.nextInt(5) / 4.0, null)
              : new NotLocated(Reason.values()[random.nextInt(Reason.values().length)], "why");
      answers.add(new Answer(new ChunkId(chunk), pose));
    }
    return answers;
  }

  private static Answer located(int chunk, double confidence) {
    return new Answer(new ChunkId(chunk), new Located(Rigid3.IDENTITY, LENS, confidence, null));
  }
}
