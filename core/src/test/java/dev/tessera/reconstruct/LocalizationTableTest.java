package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tessera.evaluate.LocalizationErrors;
import dev.tessera.evaluate.LocalizationEvaluator;
import dev.tessera.evaluate.LocalizationEvaluator.Localized;
import dev.tessera.evaluate.Truth;
import dev.tessera.evaluate.TruthCsv;
import dev.tessera.geometry.Rigid3;
import dev.tessera.imagery.View;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.WarpedPhoto.Warp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Photos of real sets that were left out of the scenes made of the others; prints what it finds.
 */
@Tag("slow")
class LocalizationTableTest {
  private static final long MOST_MEMORY_BYTES = 330_000;

  /** Of the error squared in units of its covariance, which has six dimensions. */
  private static final double CALIBRATION_FACTOR = 3;

  private static final Map<String, LeftOut> SETS = new LinkedHashMap<>();
  private static ReconstructionEngine engine;

  /** A scene, and photos that it has not seen. */
  private record LeftOut(PhotoSet set, Truth truth, ChunkScene scene, List<View> queries) {
    PhotoPose ask(View photo, PhotoSource photos) throws IOException {
      return engine.locate(scene.memory(), photo, photos);
    }

    LocalizationErrors errors() throws IOException {
      List<Localized> answers = new ArrayList<>();
      for (View photo : queries) {
        answers.add(localized(photo.name(), ask(photo, set.photos())));
      }
      return errors(answers);
    }

    /** Milliseconds a photo whose features the engine knows still from having been asked before. */
    double milliseconds() throws IOException {
      long start = System.nanoTime();
      for (View photo : queries) {
        ask(photo, set.photos());
      }
      return (System.nanoTime() - start) / 1e6 / queries.size();
    }

    LocalizationErrors errors(List<Localized> answers) {
      Map<String, Rigid3> cameras = new TreeMap<>();
      Map<Object, String> names = new LinkedHashMap<>();
      set.chunk().views().forEach(view -> names.put(view.id(), view.name()));
      scene.cameras().forEach(c -> cameras.put(names.get(c.view()), c.cameraFromChunk()));
      return LocalizationEvaluator.errors(truth, cameras, answers);
    }

    LocalizationErrors warped(Warp warp) throws IOException {
      double focal = scene.cameras().get(0).intrinsics().focalPixels();
      List<Localized> answers = new ArrayList<>();
      for (View photo : queries) {
        WarpedPhoto worse = WarpedPhoto.of(photo, set.photos().read(photo), focal, warp);
        PhotoPose answer = ask(worse.view(), view -> worse.file());
        answers.add(localized(photo.name(), answer));
      }
      return errors(answers);
    }
  }

  @BeforeAll
  static void scenesOfTheMapPhotos() throws IOException {
    if (PhotoSet.folder() == null) {
      System.out.println("No photo sets: TESSERA_SHARED names no folder with data, so no table");
    }
    assumeThat(PhotoSet.folder()).as("photo sets, found through TESSERA_SHARED").isNotNull();
    engine = SfmSpec.defaults().open(2);
    for (PhotoSet.Source source :
        List.of(
            PhotoSet.strecha("Herz-Jesus-P25", false),
            PhotoSet.brighton(),
            PhotoSet.kitti(),
            PhotoSet.seneca())) {
      SETS.put(source.set(), leftOut(source));
    }
  }

  @AfterAll
  static void close() {
    if (engine != null) {
      engine.close();
    }
  }

  private static LeftOut leftOut(PhotoSet.Source source) throws IOException {
    PhotoSet set = PhotoSet.load(source);
    Path folder = PhotoSet.folder().resolve(source.set());
    Set<String> asked = new HashSet<>();
    for (String line : Files.readAllLines(folder.resolve("split.csv"))) {
      if (line.endsWith(",query")) {
        asked.add(line.substring(0, line.indexOf(',')));
      }
    }
    List<View> queries =
        set.chunk().views().stream().filter(v -> asked.contains(v.name())).toList();
    List<View> seen = new ArrayList<>(set.chunk().views());
    seen.removeAll(queries);
    ChunkOutcome outcome =
        engine.reconstruct(
            new ChunkViews(new ChunkId(0), set.chunk().world(), seen), set.photos(), Progress.NONE);
    ChunkScene scene = ((ChunkOutcome.Reconstructed) outcome).scene();
    return new LeftOut(set, TruthCsv.read(folder.resolve(source.truthCsv())), scene, queries);
  }

  private static Localized localized(String name, PhotoPose pose) {
    return pose instanceof Located located
        ? new Localized(
            name,
            located.cameraFromChunk(),
            located.evidence().certain(),
            located.evidence().inliers(),
            located.evidence().covariance())
        : new Localized(name, null, false, 0, null);
  }

  @Test
  void unseenPhotosAreFoundAndTheirErrorIsWhatTheCovarianceSays() throws IOException {
    Map<String, LocalizationErrors> errors = new LinkedHashMap<>();
    for (Map.Entry<String, LeftOut> set : SETS.entrySet()) {
      errors.put(set.getKey(), set.getValue().errors());
      System.out.printf(
          "%s%n%sreading and pose %.0f ms a photo%n",
          set.getKey(), errors.get(set.getKey()).toTable(), set.getValue().milliseconds());
      assertThat(set.getValue().scene().memory().bytes()).isLessThanOrEqualTo(MOST_MEMORY_BYTES);
    }

    LocalizationErrors facade = errors.get("strecha-Herz-Jesus-P25");
    assertThat(facade.recall(0.05, 5)).isEqualTo(1);
    assertThat(facade.medianMeters()).isLessThanOrEqualTo(0.01);
    assertThat(errors.get("kitti06_0-50").recall(0.25, 5)).isEqualTo(1);
    assertThat(errors.get("kitti06_0-50").medianMeters()).isLessThanOrEqualTo(0.03);
    assertThat(errors.get("brighton_beach").recall(1, 5)).isEqualTo(1);
    assertThat(errors.get("seneca").recall(1, 5)).isGreaterThan(0.9);
    assertThat(errors.get("seneca").medianMeters()).isLessThan(0.4);
    double squared =
        errors.values().stream()
            .flatMap(e -> e.photos().stream())
            .mapToDouble(LocalizationErrors.PhotoError::squaredSigmas)
            .average()
            .orElseThrow();
    System.out.printf("squared sigmas of all: %.2f of 6%n", squared);
    assertThat(squared).isBetween(6 / CALIBRATION_FACTOR, 6 * CALIBRATION_FACTOR);
  }

  @Test
  void photosOfAnotherPlaceAreNotHere() throws IOException {
    for (Map.Entry<String, LeftOut> map : SETS.entrySet()) {
      for (Map.Entry<String, LeftOut> other : SETS.entrySet()) {
        if (!map.getKey().equals(other.getKey())) {
          for (View photo : other.getValue().queries()) {
            PhotoPose answer = map.getValue().ask(photo, other.getValue().set().photos());
            assertThat(answer)
                .as("%s of %s in %s", photo.name(), other.getKey(), map.getKey())
                .isInstanceOf(PhotoPose.NotLocated.class);
          }
        }
      }
    }
  }

  /** Within 5 cm: all, but for one crop and one blurred photo of five at most. */
  @Test
  void worsePhotosAreFoundStill() throws IOException {
    LeftOut facade = SETS.get("strecha-Herz-Jesus-P25");
    for (Warp warp : Warp.values()) {
      LocalizationErrors errors = facade.warped(warp);
      System.out.printf(
          "%s: median %.4f m, recall %.2f at 5 cm, %.2f at 25 cm, %d of %d%n",
          warp,
          errors.medianMeters(),
          errors.recall(0.05, 180),
          errors.recall(0.25, 180),
          errors.photos().size(),
          errors.asked());
      assertThat(errors.recall(0.05, 180))
          .as(warp.name())
          .isGreaterThanOrEqualTo(warp == Warp.MIDDLE_NINTH || warp == Warp.BLURRED ? 0.8 : 1);
    }
  }
}
