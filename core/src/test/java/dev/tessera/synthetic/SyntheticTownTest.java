package dev.tessera.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Vec3;
import java.awt.image.BufferedImage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyntheticTownTest {
  private static final Flight.Config SMALL = Flight.Config.ofSize(160, 120);

  /** Shades a pixel may differ by when it shows the same spot at another place of the raster. */
  private static final double MEAN_DIFFERENCE_SHADES = 16;

  private final SyntheticTown town = SyntheticTown.seeded(7);

  @Test
  void theSameSeedGivesTheSamePictureAndAnotherOneAnother() {
    TownCamera camera = Flight.of(town, 10, 1, SMALL).cameras().get(0);

    int[] first = pixels(new TownRenderer(town).render(camera));

    assertThat(pixels(new TownRenderer(SyntheticTown.seeded(7)).render(camera))).isEqualTo(first);
    assertThat(pixels(new TownRenderer(SyntheticTown.seeded(8)).render(camera)))
        .isNotEqualTo(first);
  }

  /** Photo consistency: a visible point has the same colour in two photos that see it. */
  @Test
  void camerasTellWhereInThePictureAPointIsSeen() {
    List<TownCamera> cameras = Flight.of(town, 10, 1, Flight.Config.ofSize(480, 360)).cameras();
    TownRenderer renderer = new TownRenderer(town);
    BufferedImage one = renderer.render(cameras.get(0));
    BufferedImage two = renderer.render(cameras.get(1));
    List<SurfacePoint> points = town.scenePoints(3, 2000, 60);

    SyntheticTracks tracks = SyntheticTracks.of(town, cameras.subList(0, 2), points, 0, 1);
    double matched = 0;
    double shuffled = 0;
    int pairs = 0;
    List<SyntheticTracks.Observation> seen = tracks.observations();
    for (int i = 0; i + 1 < seen.size(); i++) {
      if (seen.get(i).point() == seen.get(i + 1).point()) {
        matched += difference(one, seen.get(i), two, seen.get(i + 1));
        shuffled += difference(one, seen.get(i), two, seen.get((i + 501) % seen.size()));
        pairs++;
      }
    }

    assertThat(pairs).isGreaterThan(200);
    assertThat(matched / pairs).isLessThan(MEAN_DIFFERENCE_SHADES).isLessThan(shuffled / pairs / 3);
  }

  @Test
  void scenePointsLieOnSurfacesThatCanBeSeen() {

    for (SurfacePoint point : town.scenePoints(5, 500, 80)) {
      Vec3 justOutside = point.position().plus(point.normal().times(0.01));
      Vec3 justInside = point.position().minus(point.normal().times(0.01));

      assertThat(town.isVisible(point, justOutside)).isTrue();
      assertThat(town.isVisible(point, justInside)).isFalse();
      assertThat(point.position().z()).isBetween(-1e-9, TownPlan.HIGHEST_METERS + 1e-9);
    }
  }

  @Test
  void aFlightHasExactlyThePhotosAskedForEachWithItsOwnName() {
    for (int photos : new int[] {1, 2, 7, 60, 200, 1003}) {
      List<TownCamera> cameras = Flight.of(town, photos, 3).cameras();

      Set<String> names = new HashSet<>();
      cameras.forEach(camera -> names.add(camera.name()));
      assertThat(names).hasSize(photos);
      for (int i = 1; i < photos; i++) {
        assertThat(cameras.get(i).captureMillis())
            .isGreaterThan(cameras.get(i - 1).captureMillis());
      }
    }
  }

  @Test
  void noCameraIsInsideABuilding() {
    for (TownCamera camera : Flight.of(town, 1000, 3).cameras()) {
      Vec3 center = camera.cameraFromWorld().center();
      RayCaster rays = new RayCaster(town.grid());
      rays.cast(center.x(), center.y(), 100, 0, 0, -1);

      assertThat(100 - rays.t).as(camera.name()).isLessThan(center.z() - 1);
    }
  }

  @Test
  void aStreetPassNeverChangesItsHeightFasterThanScaleCanBeFollowed() {
    List<TownCamera> street =
        Flight.of(town, 60, 3).cameras().stream()
            .filter(camera -> camera.name().startsWith("street/"))
            .toList();

    assertThat(street).hasSize(12);
    for (int i = 1; i < street.size(); i++) {
      double above = street.get(i).cameraFromWorld().center().z();
      double before = street.get(i - 1).cameraFromWorld().center().z();
      // 1.25 by plan; the rest is jitter of the heights.
      assertThat(Math.max(above / before, before / above)).isLessThan(1.25 * 1.2);
    }
  }

  @Test
  void moreThanTheTownHoldsIsRefused() {
    assertThatThrownBy(() -> Flight.of(town, 20_000, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot plan a flight: 20000 photos need");
    assertThatThrownBy(() -> Flight.of(town, 0, 1))
        .hasMessage("Cannot plan a flight: 0 photos, need 1");
  }

  private static int[] pixels(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  private static double difference(
      BufferedImage one,
      SyntheticTracks.Observation inOne,
      BufferedImage two,
      SyntheticTracks.Observation inTwo) {
    int a = one.getRGB((int) inOne.u(), (int) inOne.v());
    int b = two.getRGB((int) inTwo.u(), (int) inTwo.v());
    return Math.abs((a >> 8 & 255) - (b >> 8 & 255));
  }
}
