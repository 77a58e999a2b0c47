package dev.tessera.jobs;

import dev.tessera.backbone.Vggt;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SfmSpec;
import dev.tessera.reconstruct.VggtSpec;
import dev.tessera.sfm.PairSelection;
import dev.tessera.sfm.StructureFromMotion;
import dev.tessera.tensor.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes the engine that the settings name. */
final class Engines {
  private static final String SFM = "sfm";
  private static final List<String> NAMES = List.of(SFM, VggtSpec.SOFTMAX, VggtSpec.FAST_WEIGHTS);

  private Engines() {}

  static EngineSpec of(Settings settings) {
    String name = settings.text("run.engine");
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "Cannot use engine '%s': the engines are %s".formatted(name, String.join(", ", NAMES)));
    }
    return name.equals(SFM) ? new SfmSpec(sfm(settings)) : vggt(name, settings);
  }

  /** What two fingerprints differ in: the one that made something, and the one of now. */
  static String difference(String made, String now) {
    List<String> there = words(made);
    List<String> here = words(now);
    List<String> common = new ArrayList<>(there);
    common.retainAll(here);
    there.removeAll(common);
    here.removeAll(common);
    return "%s, now %s".formatted(String.join(" ", there), String.join(" ", here));
  }

  private static List<String> words(String fingerprint) {
    return new ArrayList<>(Arrays.asList(fingerprint.split("\\s+")));
  }

  private static VggtSpec vggt(String name, Settings settings) {
    String weights = settings.text("network.weights");
    if (weights.isEmpty()) {
      throw new UsageException(
          "Cannot run engine %s without weights: name a safetensors file or folder with --weights"
              .formatted(name));
    }
    Path checkpoint = Path.of(weights);
    String named = settings.text("network.model-config");
    Path config = named.isEmpty() ? null : Path.of(named);
    try {
      return VggtSpec.of(
          name,
          checkpoint,
          config,
          input(settings, VggtSpec.patchPixels(checkpoint, config)),
          Precision.of(settings.text("network.precision")),
          new Vggt.Options(
              settings.integer("network.steps"),
              settings.integer("network.tokens-per-group"),
              settings.longInteger("network.maps-mb") << 20,
              settings.longInteger("network.features-mb") << 20),
          new VggtSpec.PointSelection(
              settings.number("network.min-confidence"),
              settings.integer("network.point-stride-px")));
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  private static NetworkInput input(Settings settings, int patchPixels) {
    return new NetworkInput(
        NetworkInput.Mode.of(settings.text("network.input")),
        settings.integer("network.size-px"),
        patchPixels,
        NetworkInput.defaults().padValue());
  }

  private static StructureFromMotion.Config sfm(Settings settings) {
    StructureFromMotion.Config d = StructureFromMotion.Config.defaults();
    PairSelection.Config pairs = d.selection();
    return new StructureFromMotion.Config(
        settings.integer("sfm.max-side-px"),
        settings.integer("sfm.max-features"),
        d.contrastThreshold(),
        new PairSelection.Config(
            settings.integer("sfm.neighbours"),
            pairs.sequenceNeighbors(),
            pairs.blindSequenceNeighbors(),
            pairs.allPairsUpTo()),
        settings.longInteger("reconstruct.cache-mb") << 20);
  }
}
