package dev.tessera.jobs;

import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.SfmSpec;
import dev.tessera.sfm.PairSelection;
import dev.tessera.sfm.StructureFromMotion;
import java.util.List;

/** Makes the engine that the settings name. */
final class Engines {
  private static final List<String> NAMES = List.of("sfm");

  private Engines() {}

  static EngineSpec of(Settings settings) {
    String name = settings.text("run.engine");
    if (!NAMES.contains(name)) {
      throw new UsageException(
          "Cannot use engine '%s': the engines are %s".formatted(name, String.join(", ", NAMES)));
    }
    return new SfmSpec(sfm(settings));
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
