package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressBoardTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream screen = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void aFinishedStageLeavesItsLine() {
    try (ProgressBoard board = ProgressBoard.open(screen)) {
      board.start("ingest", "photos", 3, () -> 1);
      board.finish("ingest", "3 photos: 2 views", 1.25);
      board.finish("partition", "1 chunk, as before", 0);
    }

    assertThat(shown().lines())
        .containsExactly(
            "ingest      3 photos: 2 views (1.3 s)", "partition   1 chunk, as before (0.0 s)");
  }

  @Test
  void aStageInWorkSaysHowFarItIsNowAndThen() {
    AtomicLong done = new AtomicLong(3);
    try (ProgressBoard board = ProgressBoard.open(screen)) {
      board.start("reconstruct", "chunks", 10, done::get);
      ProgressBoard.ofChunk(7).at("matches", 4, 9);

      Instant deadline = Instant.now().plus(PATIENCE);
      while (shown().isEmpty()) {
        assertThat(Instant.now()).isBefore(deadline);
        Thread.onSpinWait();
      }
    } finally {
      ProgressBoard.chunkDone(7);
    }

    assertThat(shown().lines().findFirst())
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .matches(
                        "reconstruct 3/10 chunks, about \\d+ s left  \\[chunk 7: matches 4/9]"));
  }

  @Test
  void nothingIsShownOfNothing() {
    ProgressBoard.open(screen).close();

    assertThat(shown()).isEmpty();
  }

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
