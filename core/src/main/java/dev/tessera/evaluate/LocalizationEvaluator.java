package dev.tessera.evaluate;

import dev.tessera.evaluate.LocalizationErrors.PhotoError;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.RobustScale;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Compares localized photos with the truth. */
public final class LocalizationEvaluator {
  private static final int N = 6;

  private final Map<String, Rigid3> truth;
  private final Sim3 truthFromMap;
  private final Vec3 boresight;

  private LocalizationEvaluator(
      Map<String, Rigid3> truth, Map<String, Rigid3> mapCameras, Sim3 truthFromMap) {
    this.truth = truth;
    this.truthFromMap = truthFromMap;
    this.boresight = boresight(mapCameras);
  }

  /**
   * What a map says of a photo that it does not have.
   *
   * @param cameraFromMap null if it has no pose
   * @param certain whether the pose counts
   * @param inliers landmarks that agree with it; 0 if not known
   * @param covariance (6, 6): a small rotation about the camera's axes, radians, then the centre
   *     along the map's axes; null if not known
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Localized(
      String name, Rigid3 cameraFromMap, boolean certain, int inliers, double[] covariance) {}

  /**
   * Lays the map's own cameras on the truth (Umeyama 1991), then looks at the photos that have a
   * true camera.
   *
   * @param mapCameras cameras of the map by the photo's name
   * @throws DegenerateGeometryException if they do not determine the similarity
   */
  public static LocalizationErrors errors(
      Truth truth, Map<String, Rigid3> mapCameras, List<Localized> photos) {
    NameMatch mapNames = new NameMatch(truth.cameraFromWorld().keySet(), mapCameras.keySet());
    List<Vec3> estimated = new ArrayList<>();
    List<Vec3> actual = new ArrayList<>();
    mapCameras.forEach(
        (photo, camera) ->
            mapNames
                .find(photo)
                .ifPresent(
                    image -> {
                      estimated.add(camera.center());
                      actual.add(truth.cameraFromWorld().get(image).center());
                    }));
    Sim3 truthFromMap = Umeyama.fit(estimated, actual);
    return new LocalizationEvaluator(truth.cameraFromWorld(), mapCameras, truthFromMap)
        .compare(photos);
  }

  /**
   * By how much the map's own cameras are turned against the true ones about their own axes, in the
   * median. A principal point that is not in the middle of the image turns them all alike, and so
   * does a similarity that centres on a line leave open.
   */
  private Vec3 boresight(Map<String, Rigid3> mapCameras) {
    NameMatch names = new NameMatch(truth.keySet(), mapCameras.keySet());
    List<Vec3> turns = new ArrayList<>();
    mapCameras.forEach(
        (photo, camera) ->
            names.find(photo).ifPresent(image -> turns.add(turn(camera, truth.get(image)))));
    return new Vec3(
        RobustScale.median(turns.stream().mapToDouble(Vec3::x).toArray()),
        RobustScale.median(turns.stream().mapToDouble(Vec3::y).toArray()),
        RobustScale.median(turns.stream().mapToDouble(Vec3::z).toArray()));
  }

  /** Radians about the camera's axes. */
  private Vec3 turn(Rigid3 cameraFromMap, Rigid3 cameraFromTruth) {
    return truthFromMap
        .moveCamera(cameraFromMap)
        .rotation()
        .times(cameraFromTruth.rotation().inverse())
        .toRotationVector();
  }

  private LocalizationErrors compare(List<Localized> photos) {
    NameMatch names = new NameMatch(truth.keySet(), photos.stream().map(Localized::name).toList());
    List<PhotoError> errors = new ArrayList<>();
    int asked = 0;
    int uncertain = 0;
    for (Localized photo : photos) {
      Optional<String> image = names.find(photo.name());
      if (image.isEmpty()) {
        continue;
      }
      asked++;
      if (photo.cameraFromMap() != null && photo.certain()) {
        errors.add(error(photo, truth.get(image.get())));
      } else if (photo.cameraFromMap() != null) {
        uncertain++;
      }
    }
    return new LocalizationErrors(asked, errors, uncertain);
  }

  private PhotoError error(Localized photo, Rigid3 cameraFromTruth) {
    Rigid3 moved = truthFromMap.moveCamera(photo.cameraFromMap());
    Vec3 shift = moved.center().minus(cameraFromTruth.center());
    Vec3 w = turn(photo.cameraFromMap(), cameraFromTruth);
    Vec3 own = w.minus(boresight);
    Vec3 inMap = truthFromMap.rotation().inverse().rotate(shift).times(1 / truthFromMap.scale());
    double[] error = {own.x(), own.y(), own.z(), inMap.x(), inMap.y(), inMap.z()};
    return new PhotoError(
        photo.name(),
        shift.norm(),
        Math.toDegrees(w.norm()),
        photo.inliers(),
        photo.covariance() == null ? Double.NaN : squaredSigmas(error, photo.covariance()));
  }

  /** {@code e^T C^-1 e}. */
  private static double squaredSigmas(double[] error, double[] covariance) {
    DMatrixRMaj x = new DMatrixRMaj(N, 1);
    DMatrixRMaj c = new DMatrixRMaj(N, N, true, covariance);
    if (!CommonOps_DDRM.solve(c, new DMatrixRMaj(N, 1, true, error), x)) {
      return Double.NaN;
    }
    double sum = 0;
    for (int i = 0; i < N; i++) {
      sum += error[i] * x.get(i);
    }
    return sum;
  }
}
