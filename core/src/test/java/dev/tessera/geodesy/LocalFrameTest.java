package dev.tessera.geodesy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Vec3;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalFrameTest {
  /** Geocentric to geodetic and back is iterated to 1e-12 rad, 6 micrometres on the ground. */
  private static final double ROUND_TRIP_ERROR_METERS = 1e-4;

  @ParameterizedTest
  @CsvSource({
    "48.61, 8.1, 100",
    "-33.9, 151.2, 5",
    "0, 0, 0",
    "69.6, -179.99, 12",
    "-89, 10, 2800"
  })
  void enuGoesToDegreesAndBack(double latitude, double longitude, double height) {
    LocalFrame world = new LocalFrame(new GeoPoint(latitude, longitude, height));
    Vec3 enu = new Vec3(-12_345.6, 7_890.1, 234.5);

    assertThat(world.toEnu(world.toGeo(enu)).distanceTo(enu)).isLessThan(ROUND_TRIP_ERROR_METERS);
  }

  @Test
  void oneArcSecondNorthIsAboutThirtyOneMeters() {
    LocalFrame world = new LocalFrame(new GeoPoint(45, 7, 0));

    Vec3 enu = world.toEnu(new GeoPoint(45 + 1 / 3600.0, 7, 0));

    // meridian radius of WGS84 at 45 degrees: 6,367,381.8 m
    assertThat(enu.y()).isCloseTo(6_367_381.8 * Math.toRadians(1 / 3600.0), within(1e-3));
    assertThat(enu.x()).isCloseTo(0, within(1e-6));
  }

  @Test
  void latitudeBeyondThePoleIsRefused() {
    assertThatThrownBy(() -> new GeoPoint(91, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Latitude must be in [-90, 90], was 91.0");
  }
}
