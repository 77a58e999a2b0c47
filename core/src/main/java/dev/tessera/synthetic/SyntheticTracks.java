package dev.tessera.synthetic;

import dev.tessera.geometry.Vec3;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What cameras see of given surface points, without any picture: exact or noisy observations for
 * tests of the stages after matching.
 *
 * @param points the points, index in {@link Observation#point()}
 * @param observations ordered by point, then camera
 */
public record SyntheticTracks(List<SurfacePoint> points, List<Observation> observations)
    implements Serializable {

  /**
   * A point seen in a picture; the centre of the top left pixel is at (0.5, 0.5).
   *
   * @param camera index in the list of cameras
   * @param point index in {@link #points()}
   */
  public record Observation(int camera, int point, double u, double v) implements Serializable {}

  public SyntheticTracks {
    points = List.copyOf(points);
    observations = List.copyOf(observations);
  }

  /**
   * Observes each point from each camera that sees it: inside the picture, facing it, not hidden.
   *
   * @param noisePixels one standard deviation along each image axis
   */
  public static SyntheticTracks of(
      SyntheticTown town,
      List<TownCamera> cameras,
      List<SurfacePoint> points,
      double noisePixels,
      long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Vec3> centers = cameras.stream().map(c -> c.cameraFromWorld().center()).toList();
    List<Observation> observations = new ArrayList<>();
    for (int p = 0; p < points.size(); p++) {
      SurfacePoint point = points.get(p);
      for (int c = 0; c < cameras.size(); c++) {
        TownCamera camera = cameras.get(c);
        double[] uv = camera.intrinsics().project(camera.cameraFromWorld().apply(point.position()));
        boolean inside =
            uv[0] >= 0
                && uv[1] >= 0
                && uv[0] < camera.intrinsics().width()
                && uv[1] < camera.intrinsics().height();
        if (inside && town.isVisible(point, centers.get(c))) {
          double du = noisePixels * random.nextGaussian();
          double dv = noisePixels * random.nextGaussian();
          observations.add(new Observation(c, p, uv[0] + du, uv[1] + dv));
        }
      }
    }
    return new SyntheticTracks(points, observations);
  }
}
