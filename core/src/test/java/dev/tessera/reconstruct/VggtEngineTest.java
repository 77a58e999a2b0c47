package dev.tessera.reconstruct;

import dev.tessera.backbone.Vggt;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.tensor.GoldenTensors;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The laws of all engines for networks that see nothing: random ones, and the golden ones. */
class VggtEngineTest {
  @TempDir static Path folder;

  /** So that 480 x 360 photos become 5 x 4 patches. */
  static final NetworkInput INPUT = new NetworkInput(NetworkInput.Mode.CROP, 70, 14, 1);

  static final VggtSpec.PointSelection ALL_POINTS = new VggtSpec.PointSelection(0, 2);

  static VggtSpec spec(String engine, Path weights, Path config) {
    return VggtSpec.of(
        engine, weights, config, INPUT, Precision.F32, Vggt.Options.defaults(), ALL_POINTS);
  }

  /** The spec of a random network, which is written when it is first asked for. */
  static VggtSpec spec(Path folder, RandomVggt network) {
    try {
      Path weights = folder.resolve(network.toString());
      String engine = network.fastHidden() > 0 ? VggtSpec.FAST_WEIGHTS : VggtSpec.SOFTMAX;
      return spec(engine, network.write(weights), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A network's laws on synthetic photos. */
  abstract static class NetworkContract extends ReconstructionEngineContract {
    /**
     * A scene is within 1e-5 of the exact one (3e-5 for fast weights), as the golden tests show, so
     * two differ by twice that at most; depths and focal lengths are functions of the network's
     * numbers, e^x and 1/tan(x/2), which double an error again where these are about 1.
     */
    @Override
    double maxThreadDifference() {
      return 2 * 2 * 3e-5;
    }
  }

  @Nested
  class RandomSoftmax extends NetworkContract {
    @Override
    EngineSpec spec() {
      return VggtEngineTest.spec(folder, RandomVggt.softmax());
    }
  }

  @Nested
  class RandomFastWeights extends NetworkContract {
    @Override
    EngineSpec spec() {
      return VggtEngineTest.spec(folder, RandomVggt.fastWeights());
    }
  }

  @Nested
  class GoldenSoftmax extends NetworkContract {
    @Override
    EngineSpec spec() {
      return golden(VggtSpec.SOFTMAX, "vggt_tiny");
    }
  }

  @Nested
  class GoldenFastWeights extends NetworkContract {
    @Override
    EngineSpec spec() {
      return golden(VggtSpec.FAST_WEIGHTS, "vggttt_tiny");
    }
  }

  static VggtSpec golden(String engine, String model) {
    return spec(
        engine,
        GoldenTensors.path(model + ".weights.safetensors"),
        GoldenTensors.path(model + ".config.json"));
  }
}
