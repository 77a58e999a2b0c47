package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.imagery.View;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VggtMemoryTest {
  private static final long PHOTO_PIXELS = 12_000_000;
  private static final int THREADS = 2;

  /** As wide and deep as networks that are measured, a quarter of the released ones' width. */
  private static final RandomVggt MIDDLE = new RandomVggt(256, 4, 6, 6, 1024, 37, 64, 256, 3);

  @TempDir Path folder;

  private static VggtSpec spec(String engine, Path weights, int pixels, Vggt.Options options) {
    return VggtSpec.of(
        engine,
        weights,
        null,
        new NetworkInput(NetworkInput.Mode.CROP, pixels, 14, 1),
        Precision.F32,
        options,
        new VggtSpec.PointSelection(0, 2));
  }

  private static VggtMemory memory(VggtSpec spec) throws IOException {
    try (Checkpoint checkpoint = Checkpoint.open(Path.of(spec.weights()))) {
      VggtConfig config = VggtConfig.of(checkpoint, ConfigFile.beside(Path.of(spec.weights())));
      return new VggtMemory(config, spec, THREADS);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16})
  void mostViewsAreThoseThatJustFit(int fastHidden) throws IOException {
    VggtSpec spec = VggtEngineTest.spec(folder, RandomVggt.softmax().withFastWeights(fastHidden));
    VggtMemory memory = memory(spec);

    for (long bytes = 1L << 29; bytes < 1L << 40; bytes += bytes / 3) {
      int views = memory.maxViews(bytes, PHOTO_PIXELS);

      if (views > 0) {
        assertThat(memory.bytes(views, PHOTO_PIXELS)).isLessThanOrEqualTo(bytes);
      }
      assertThat(memory.bytes(views + 1, PHOTO_PIXELS)).isGreaterThan(bytes);
    }
  }

  /** The whole process: what it really takes is at most the estimate, and at least half of it. */
  @ParameterizedTest
  @CsvSource({
    "vggt,   112, 8",
    "vggt,   112, 64",
    "vggt,   224, 64",
    "vgg-t3, 112, 8",
    "vgg-t3, 112, 64",
    "vgg-t3, 112, 128",
    "vgg-t3, 224, 64"
  })
  @Tag("slow")
  void estimateBoundsWhatAProcessTakes(String engine, int pixels, int views)
      throws IOException, InterruptedException {
    RandomVggt network = MIDDLE.withFastWeights(engine.equals(VggtSpec.SOFTMAX) ? 0 : 256);
    Path weights = network.write(folder.resolve("middle"));
    long photoPixels = (long) TexturedTown.WIDTH * TexturedTown.HEIGHT;
    long estimate =
        memory(spec(engine, weights, pixels, Vggt.Options.defaults())).bytes(views, photoPixels);

    ChildJvm.Result result =
        ChildJvm.with("-Xmx1g").run(Child.class, engine, weights, pixels, views);

    assertThat(result.exitStatus()).as(result.output()).isZero();
    long peak =
        result
            .output()
            .lines()
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
            .findFirst()
            .orElseThrow();
    System.out.printf(
        "%s, %d views of %d px: at most %d MiB, took %d MiB%n",
        engine, views, pixels, estimate >> 20, peak >> 20);
    assertThat(peak).isBetween(estimate / 2, estimate);
  }

  /** Reconstructs a chunk and prints what the system says of this process. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      VggtSpec spec =
          spec(
              arguments[0],
              Path.of(arguments[1]),
              Integer.parseInt(arguments[2]),
              Vggt.Options.defaults());
      TexturedTown town = TexturedTown.seen(8);
      List<View> seen = town.chunk().views();
      PhotoSource photos = view -> town.photos().read(seen.get((int) view.id().value() % 8));
      try (ReconstructionEngine engine = spec.open(THREADS)) {
        ChunkViews chunk = Repeated.views(seen, Integer.parseInt(arguments[3]));
        ReconstructionEngineContract.scene(engine.reconstruct(chunk, photos, Progress.NONE));
      }
      Files.readAllLines(Path.of("/proc/self/status")).forEach(System.out::println);
    }
  }
}
