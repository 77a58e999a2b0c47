package dev.tessera.benchmark;

import ai.djl.Device;
import dev.tessera.backbone.Vggt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether forward passes leave anything behind: many of {@link Sizes#TINY}. */
public final class MemoryBenchmark {
  private static final int SIDE = 42;
  private static final int VIEWS = 2;
  private static final int STEPS = 10;

  private final ProcessMeter meter = new ProcessMeter();

  /**
   * Measures.
   *
   * @param passes a multiple of 10
   */
  public Table run(int passes, int threads) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (OpenNetwork tiny = OpenNetwork.open(Sizes.TINY.fastWeights(), Device.cpu(), threads)) {
      ForwardPass pass = new ForwardPass(tiny.network(), Vggt.Options.defaults(), VIEWS);
      RandomImages images = new RandomImages(VIEWS, SIDE, SIDE);
      int every = Math.max(1, passes / STEPS);
      for (int done = 1; done <= passes; done++) {
        pass.run(images);
        if (done == 1 || done % every == 0) {
          rows.add(
              Table.row(
                  "passes",
                  done,
                  "arrays",
                  tiny.network().heldArrays(),
                  "resident MB",
                  meter.residentMegabytes()));
        }
      }
    }
    return new Table("memory", rows, List.of("arrays: held by the network and all it has made."));
  }
}
