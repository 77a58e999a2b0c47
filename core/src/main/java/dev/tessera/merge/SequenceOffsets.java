package dev.tessera.merge;

import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.merge.GpsEvidence.OfSequence;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Fits a chunk to fixes of several sequences, each of which may be off by a shift of its own: the
 * sequence with most fixes leads, the medians of the others' residuals are taken off theirs. What
 * the shifts really are is for all chunks together to say; here they only keep a sequence from
 * being taken for a bad one.
 */
final class SequenceOffsets {
  /** Fixes that make a median; sequences with fewer in the chunk are not heard. */
  private static final int MIN_FIXES = 3;

  private static final int PASSES = 3;

  private final ChunkScene scene;
  private final GpsEvidence.Config config;
  private final Map<ViewId, Vec3> centers = new HashMap<>();
  private final Map<String, List<GpsFix>> fixes = new TreeMap<>();
  private final Map<String, Vec3> offsets = new HashMap<>();
  private final String leader;

  private SequenceOffsets(ChunkScene scene, List<GpsFix> all, GpsEvidence.Config config) {
    this.scene = scene;
    this.config = config;
    for (SceneCamera camera : scene.cameras()) {
      centers.put(camera.view(), camera.cameraFromChunk().center());
    }
    for (GpsFix fix : all) {
      if (centers.containsKey(fix.view())) {
        fixes.computeIfAbsent(fix.sequence(), key -> new ArrayList<>()).add(fix);
      }
    }
    leader =
        fixes.keySet().stream()
            .max(Comparator.comparingInt(sequence -> fixes.get(sequence).size()))
            .orElse("");
    fixes
        .entrySet()
        .removeIf(of -> !of.getKey().equals(leader) && of.getValue().size() < MIN_FIXES);
  }

  /** Nothing if no registered view has a fix. */
  static Optional<GpsEvidence> evidence(
      ChunkScene scene, List<GpsFix> all, GpsEvidence.Config config) {
    SequenceOffsets offsets = new SequenceOffsets(scene, all, config);
    return offsets.fixes.isEmpty() ? Optional.empty() : Optional.of(offsets.evidence());
  }

  private GpsEvidence evidence() {
    offsets.put(leader, Vec3.ZERO);
    GpsEvidence fitted = GpsFit.evidence(scene, fixes.get(leader), config).orElseThrow();
    for (int pass = 0; pass < PASSES && fixes.size() > 1; pass++) {
      Sim3 worldFromChunk = fitted.worldFromChunk();
      List<GpsFix> shifted = new ArrayList<>();
      fixes.forEach(
          (sequence, of) -> {
            if (!sequence.equals(leader)) {
              offsets.put(sequence, medianResidual(of, worldFromChunk));
            }
            of.forEach(fix -> shifted.add(fix.movedBy(offsets.get(sequence).times(-1))));
          });
      fitted = GpsFit.evidence(scene, shifted, config).orElseThrow();
    }
    return fitted.withSequences(asRead(fitted.bySequence()));
  }

  private Vec3 medianResidual(List<GpsFix> of, Sim3 worldFromChunk) {
    List<Vec3> off =
        of.stream()
            .map(f -> f.positionInWorld().minus(worldFromChunk.apply(centers.get(f.view()))))
            .toList();
    return new Vec3(
        RobustScale.median(off.stream().mapToDouble(Vec3::x).toArray()),
        RobustScale.median(off.stream().mapToDouble(Vec3::y).toArray()),
        RobustScale.median(off.stream().mapToDouble(Vec3::z).toArray()));
  }

  /** Moments of the fixes as they were read, the leader's first. */
  private List<OfSequence> asRead(List<OfSequence> shifted) {
    List<OfSequence> apart = new ArrayList<>();
    for (OfSequence of : shifted) {
      GpsMoments asRead = of.moments().movedBy(offsets.get(of.sequence()));
      int at = of.sequence().equals(leader) ? 0 : apart.size();
      apart.add(at, new OfSequence(of.sequence(), asRead));
    }
    return apart;
  }
}
