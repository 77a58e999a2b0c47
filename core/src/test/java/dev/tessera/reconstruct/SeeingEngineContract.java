package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an engine owes its callers that sees what is in photos: the scene is the town's. */
abstract class SeeingEngineContract extends ReconstructionEngineContract {
  /** Root mean square error of the camera centres that is allowed, metres. */
  abstract double maxTrajectoryErrorMeters();

  /** Reprojection error that all observations of a scene keep, pixels. */
  abstract double maxReprojectionErrorPixels();

  @Override
  int leastRegistered(int readable) {
    return readable;
  }

  @Test
  void camerasAreWhereTheyWereUpToASimilarity() {
    assertThat(scene.cameras()).hasSize(CAMERAS);

    assertThat(trajectoryError(scene)).isLessThan(maxTrajectoryErrorMeters());
  }

  @Test
  void gaugeIsCentredNearTheOrigin() {
    Vec3 sum = Vec3.ZERO;
    double extent = 0;
    for (SceneCamera camera : scene.cameras()) {
      sum = sum.plus(camera.cameraFromChunk().center());
    }
    Vec3 middle = sum.times(1.0 / scene.cameras().size());
    for (SceneCamera camera : scene.cameras()) {
      extent = Math.max(extent, camera.cameraFromChunk().center().distanceTo(middle));
    }

    assertThat(middle.norm()).isLessThan(10 * extent);
  }

  @Test
  void observationsAreWhereThePointsProject() {
    int observations = 0;
    for (int i = 0; i < scene.points().count(); i++) {
      for (int o = scene.points().observationsBegin(i);
          o < scene.points().observationsEnd(i);
          o++) {
        SceneCamera camera = scene.cameras().get(scene.points().cameraOf(o));
        Vec3 xInCamera = camera.cameraFromChunk().apply(scene.points().position(i));
        double[] uv = camera.intrinsics().project(xInCamera);
        assertThat(Math.hypot(uv[0] - scene.points().uOf(o), uv[1] - scene.points().vOf(o)))
            .isLessThan(maxReprojectionErrorPixels());
        observations++;
      }
    }
    assertThat(scene.residuals().total()).isEqualTo(observations);
  }

  /** A focal length that is a little wrong bends the scene a little, and must not break it. */
  @Test
  void anotherLensKeepsTheSceneButForItsShape() {
    String model = town.chunk().views().get(0).cameraModel();
    Intrinsics k = scene.cameras().get(0).intrinsics();
    SharedCalibration.Lens lens =
        new SharedCalibration.Lens(k.focalPixels() * 1.002, k.cx(), k.cy(), k.k1(), k.k2());

    ChunkScene other =
        engine.recalibrated(town.chunk(), scene, new SharedCalibration(Map.of(model, lens)));

    assertThat(trajectoryError(other)).isLessThan(maxTrajectoryErrorMeters());
    assertThat(other.cameras().stream().map(SceneCamera::view).toList())
        .isEqualTo(scene.cameras().stream().map(SceneCamera::view).toList());
    assertThat(other.points().count()).isEqualTo(scene.points().count());
    assertThat(other.residuals().total()).isEqualTo(scene.residuals().total());
    assertThat(other.unregistered()).isEqualTo(scene.unregistered());
  }

  private double trajectoryError(ChunkScene of) {
    List<Vec3> found = new ArrayList<>();
    List<Vec3> truth = new ArrayList<>();
    for (SceneCamera camera : of.cameras()) {
      found.add(camera.cameraFromChunk().center());
      truth.add(town.center(camera.view()));
    }
    Sim3 worldFromChunk = Umeyama.fit(found, truth);
    double sum = 0;
    for (int i = 0; i < found.size(); i++) {
      double d = worldFromChunk.apply(found.get(i)).distanceTo(truth.get(i));
      sum += d * d;
    }
    return Math.sqrt(sum / found.size());
  }
}
