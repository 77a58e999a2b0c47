package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.backbone.Vggt;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A chunk that is too large for the machine is counted, and the engine goes on. The machine is a
 * JVM with little address space, the network one with very wide hidden layers.
 */
class VggtOutOfMemoryTest {
  private static final int HIDDEN = 1 << 17;

  /** 20 x 15 patches and 5 special tokens: 160 MB of hidden layer each. */
  private static final NetworkInput INPUT = new NetworkInput(NetworkInput.Mode.CROP, 280, 14, 1);

  /** All views in one group, as if memory were endless. */
  private static final int TOKENS_PER_GROUP = 1 << 20;

  private static final int ADDRESS_SPACE_GIB = 12;

  /** 80 views need 12.8 GB for the first hidden layer. */
  private static final int BEYOND_NATIVE_MEMORY = 80;

  /** 120 views have 85 MB of input, beyond the JVM's direct memory of 64 MB. */
  private static final int BEYOND_DIRECT_MEMORY = 120;

  @Test
  void chunkWithoutEnoughMemoryIsACountedFailureAndTheNextOneWorks(@TempDir Path folder)
      throws IOException, InterruptedException {
    Path weights = RandomVggt.softmax().withVitHidden(HIDDEN).write(folder.resolve("wide"));

    ChildJvm.Result result =
        ChildJvm.with("-Xmx512m", "-XX:MaxDirectMemorySize=64m")
            .limitedTo(ADDRESS_SPACE_GIB)
            .run(Child.class, weights);

    List<String> lines =
        result.output().lines().filter(line -> line.startsWith("outcome ")).toList();
    assertThat(lines).as(result.output()).hasSize(3);
    assertThat(lines.get(0))
        .startsWith("outcome OUT_OF_MEMORY %d views: ".formatted(BEYOND_DIRECT_MEMORY))
        .contains("direct buffer memory");
    assertThat(lines.get(1))
        .startsWith("outcome OUT_OF_MEMORY %d views: ".formatted(BEYOND_NATIVE_MEMORY))
        .contains("can't allocate memory");
    assertThat(lines.get(2)).isEqualTo("outcome 2 cameras");
    assertThat(result.exitStatus()).as(result.output()).isZero();
  }

  /** Three chunks on one engine; says what became of each. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      VggtSpec spec =
          VggtSpec.of(
              VggtSpec.SOFTMAX,
              Path.of(arguments[0]),
              null,
              INPUT,
              Precision.F32,
              Vggt.Options.defaults().withTokensPerGroup(TOKENS_PER_GROUP),
              new VggtSpec.PointSelection(0, 14));
      TexturedTown town = TexturedTown.seen(2);
      try (ReconstructionEngine engine = spec.open(2)) {
        for (int views : new int[] {BEYOND_DIRECT_MEMORY, BEYOND_NATIVE_MEMORY, 2}) {
          PhotoSource photos =
              view -> town.photos().read(town.chunk().views().get((int) view.id().value() % 2));
          say(
              engine.reconstruct(
                  Repeated.views(town.chunk().views(), views), photos, Progress.NONE));
        }
      }
    }

    private static void say(ChunkOutcome outcome) {
      if (outcome instanceof ChunkOutcome.Failed failed) {
        System.out.println("outcome " + failed.reason() + " " + failed.detail());
      } else {
        ChunkScene scene = ((ChunkOutcome.Reconstructed) outcome).scene();
        System.out.println("outcome " + scene.cameras().size() + " cameras");
      }
    }
  }
}
