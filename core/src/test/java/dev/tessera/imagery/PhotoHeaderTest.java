package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Note;
import dev.tessera.imagery.PositionPrior.Suspicion;
import java.time.Instant;
import org.apache.commons.imaging.common.RationalNumber;
import org.apache.commons.imaging.formats.tiff.constants.GpsTagConstants;
import org.apache.commons.imaging.formats.tiff.constants.TiffDirectoryType;
import org.apache.commons.imaging.formats.tiff.taginfos.TagInfoAscii;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What EXIF and XMP say about a view. */
class PhotoHeaderTest {
  /** The writer rounds to 1e-9 degrees. */
  private static final double DEGREES = 2e-9;

  private final PhotoReader reader = new PhotoReader(PhotoReader.Config.defaults());

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void aViewIsUpright(int orientation) {
    SamplePhoto photo = SamplePhoto.of(96, 64).orientation(orientation);
    boolean turned = orientation >= 5;

    for (byte[] bytes : new byte[][] {photo.jpeg(), photo.png(), photo.tiff()}) {
      View view = accepted(bytes).view();

      assertThat(view.exifOrientation()).isEqualTo(orientation);
      assertThat(view.width()).isEqualTo(turned ? 64 : 96);
      assertThat(view.height()).isEqualTo(turned ? 96 : 64);
    }
  }

  @Test
  void anImpossibleOrientationIsUprightAndNoted() {
    Accepted photo = accepted(SamplePhoto.of(96, 64).orientation(9));

    assertThat(photo.view().exifOrientation()).isEqualTo(1);
    assertThat(photo.notes()).containsExactly(Note.ORIENTATION_INVALID);
  }

  @ParameterizedTest
  @CsvSource({"48.61, 8.1", "48.61, -8.1", "-33.9, 151.2", "-33.9, -70.6", "0, 7.5", "51.5, 0"})
  void hemispheresAreApplied(double latitude, double longitude) {
    SamplePhoto photo = SamplePhoto.of(96, 64).at(latitude, longitude).altitude(120.5, 0);

    for (byte[] bytes : new byte[][] {photo.jpeg(), photo.png(), photo.tiff()}) {
      PositionPrior prior = accepted(bytes).view().position();

      assertThat(prior.point().latitudeDegrees()).isCloseTo(latitude, within(DEGREES));
      assertThat(prior.point().longitudeDegrees()).isCloseTo(longitude, within(DEGREES));
      assertThat(prior.point().heightMeters()).isCloseTo(120.5, within(1e-9));
      assertThat(prior.horizontalSigmaMeters()).isEqualTo(3);
      assertThat(prior.verticalSigmaMeters()).isEqualTo(10);
      assertThat(prior.suspicion()).isEqualTo(Suspicion.NONE);
    }
  }

  @ParameterizedTest
  @CsvSource({"12.5, 0, 12.5", "12.5, 1, -12.5", "12.5, , 12.5"})
  void altitudeIsBelowTheSeaOnlyIfTheReferenceSaysSo(double written, Integer ref, double height) {
    Accepted photo = accepted(SamplePhoto.of(96, 64).at(31.5, 35.5).altitude(written, ref));

    assertThat(photo.view().position().point().heightMeters()).isEqualTo(height);
    assertThat(photo.notes()).isEmpty();
  }

  @Test
  void aMissingAltitudeIsZeroWithALargeSigma() {
    Accepted photo = accepted(SamplePhoto.of(96, 64).at(48, 8));

    assertThat(photo.view().position().point().heightMeters()).isZero();
    assertThat(photo.view().position().verticalSigmaMeters()).isEqualTo(1000);
    assertThat(photo.notes()).containsExactly(Note.ALTITUDE_MISSING);
  }

  @Test
  void dilutionOfPrecisionBecomesSigma() {
    PositionPrior prior =
        accepted(
                SamplePhoto.of(96, 64)
                    .at(48, 8)
                    .altitude(1, 0)
                    .tags(
                        (root, camera, gps) ->
                            gps.add(GpsTagConstants.GPS_TAG_GPS_DOP, RationalNumber.valueOf(8.5))))
            .view()
            .position();

    assertThat(prior.horizontalSigmaMeters()).isEqualTo(8.5);
    assertThat(prior.verticalSigmaMeters()).isEqualTo(17);
  }

  @Test
  void aStatedErrorInMetersGoesBeforeDilution() {
    PositionPrior prior =
        accepted(
                SamplePhoto.of(96, 64)
                    .at(48, 8)
                    .altitude(1, 0)
                    .tags(
                        (root, camera, gps) -> {
                          gps.add(GpsTagConstants.GPS_TAG_GPS_DOP, RationalNumber.valueOf(8.5));
                          gps.add(
                              GpsTagConstants.GPS_TAG_GPS_HOR_POSITIONING_ERROR,
                              RationalNumber.valueOf(4.75));
                        }))
            .view()
            .position();

    assertThat(prior.horizontalSigmaMeters()).isEqualTo(4.75);
    assertThat(prior.verticalSigmaMeters()).isEqualTo(10);
  }

  @Test
  void zeroZeroIsNoPositionAndNoted() {
    Accepted photo = accepted(SamplePhoto.of(96, 64).at(0, 0).altitude(3, 0));

    assertThat(photo.view().hasPosition()).isFalse();
    assertThat(photo.notes()).containsExactly(Note.POSITION_AT_ZERO);
  }

  @Test
  void aPositionWithoutHemisphereIsNone() {
    Accepted photo =
        accepted(
            SamplePhoto.of(96, 64)
                .tags(
                    (root, camera, gps) -> {
                      gps.add(GpsTagConstants.GPS_TAG_GPS_LATITUDE, degrees(48));
                      gps.add(GpsTagConstants.GPS_TAG_GPS_LONGITUDE, degrees(8));
                    }));

    assertThat(photo.view().hasPosition()).isFalse();
    assertThat(photo.notes()).containsExactly(Note.POSITION_INVALID);
  }

  @Test
  void aLatitudeBeyondThePoleIsNone() {
    Accepted photo =
        accepted(
            SamplePhoto.of(96, 64)
                .tags(
                    (root, camera, gps) -> {
                      gps.add(GpsTagConstants.GPS_TAG_GPS_LATITUDE, degrees(95));
                      gps.add(GpsTagConstants.GPS_TAG_GPS_LATITUDE_REF, "N");
                      gps.add(GpsTagConstants.GPS_TAG_GPS_LONGITUDE, degrees(8));
                      gps.add(GpsTagConstants.GPS_TAG_GPS_LONGITUDE_REF, "E");
                    }));

    assertThat(photo.view().hasPosition()).isFalse();
    assertThat(photo.notes()).containsExactly(Note.POSITION_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GpsLongitude", "GpsLongtitude"})
  void aDronesOwnPositionGoesBeforeExif(String longitudeName) {
    Accepted photo =
        accepted(
            SamplePhoto.of(96, 64)
                .at(46, 7)
                .altitude(500, 0)
                .dji(
                    "GpsLatitude=\"+46.842607083\" %s=\"-91.994559889\" AbsoluteAltitude=\"+198.31\""
                        .formatted(longitudeName)));

    assertThat(photo.view().position().point())
        .isEqualTo(new GeoPoint(46.842607083, -91.994559889, 198.31));
    assertThat(photo.notes()).isEmpty();
  }

  @Test
  void aDronesZeroPositionDoesNotHideExif() {
    Accepted photo =
        accepted(
            SamplePhoto.of(96, 64)
                .at(46, 7)
                .altitude(500, 0)
                .dji("GpsLatitude=\"0.0\" GpsLongitude=\"0.0\""));

    assertThat(photo.view().position().point().latitudeDegrees()).isCloseTo(46, within(DEGREES));
    assertThat(photo.notes()).isEmpty();
  }

  @Test
  void aDroneThatCorrectsItsFixSaysHowWell() {
    PositionPrior prior =
        accepted(
                SamplePhoto.of(96, 64)
                    .dji(
                        "GpsLatitude=\"46.5\" GpsLongitude=\"7.5\" AbsoluteAltitude=\"+500.25\""
                            + " RtkStdLon=\"0.03\" RtkStdLat=\"0.04\" RtkStdHgt=\"0.07\""))
            .view()
            .position();

    assertThat(prior.horizontalSigmaMeters())
        .isCloseTo(Math.sqrt((0.0009 + 0.0016) / 2), within(1e-12));
    assertThat(prior.verticalSigmaMeters()).isEqualTo(0.07);
  }

  @Test
  void heightAboveTakeOffServesWhereThereIsNoOther() {
    Accepted photo =
        accepted(
            SamplePhoto.of(96, 64)
                .dji("GpsLatitude=\"46.5\" GpsLongitude=\"7.5\" RelativeAltitude=\"+39.80\""));

    assertThat(photo.view().position().point().heightMeters()).isEqualTo(39.8);
    assertThat(photo.view().position().verticalSigmaMeters()).isEqualTo(1000);
    assertThat(photo.notes()).containsExactly(Note.ALTITUDE_MISSING);
  }

  @ParameterizedTest
  @CsvSource({
    "2016:06:23 16:31:59, , 2016-06-23T16:31:59Z",
    "2016:06:23 16:31:59, 5, 2016-06-23T16:31:59.500Z",
    "2016:06:23 16:31:59, 0123456, 2016-06-23T16:31:59.012Z",
    "0000:00:00 00:00:00, , ",
    "yesterday afternoon, 5, "
  })
  void captureTimeIsTheCamerasClock(String dateTime, String fraction, Instant expected) {
    View view = accepted(SamplePhoto.of(96, 64).taken(dateTime, fraction)).view();

    assertThat(view.captureMillis()).isEqualTo(expected == null ? null : expected.toEpochMilli());
  }

  @Test
  void anOffsetFromUtcDoesNotMoveTheClock() {
    TagInfoAscii offset =
        new TagInfoAscii(
            "OffsetTimeOriginal", 0x9011, 7, TiffDirectoryType.EXIF_DIRECTORY_EXIF_IFD);
    SamplePhoto photo =
        SamplePhoto.of(96, 64)
            .taken("2016:06:23 16:31:59", null)
            .tags((root, camera, gps) -> camera.add(offset, "+02:00"));

    assertThat(accepted(photo).view().captureMillis())
        .isEqualTo(Instant.parse("2016-06-23T16:31:59Z").toEpochMilli());
  }

  private static RationalNumber[] degrees(int whole) {
    return new RationalNumber[] {
      new RationalNumber(whole, 1), new RationalNumber(0, 1), new RationalNumber(0, 1)
    };
  }

  private Accepted accepted(SamplePhoto photo) {
    return accepted(photo.jpeg());
  }

  private Accepted accepted(byte[] bytes) {
    PhotoOutcome outcome = reader.read("file:/photos/a", "street/north/a.jpg", bytes);
    assertThat(outcome).isInstanceOf(Accepted.class);
    return (Accepted) outcome;
  }
}
