package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.imagery.FocalPrior.Source;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import java.io.IOException;
import org.apache.commons.imaging.common.RationalNumber;
import org.apache.commons.imaging.formats.tiff.constants.ExifTagConstants;
import org.apache.commons.imaging.formats.tiff.write.TiffOutputDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Focal length from each source, and which camera a view belongs to. */
class FocalReaderTest {
  private static final double PIXELS = 1e-6;

  private final PhotoReader reader = new PhotoReader(PhotoReader.Config.defaults());

  @ParameterizedTest
  @CsvSource({
    "120, 90, 24, '4:3, its own diagonal', 150",
    "120, 80, 24, '3:2, its own diagonal', 144.222051",
    "160, 90, 24, '16:9, cropped from 4:3', 200",
    "90, 160, 24, '9:16, cropped from 3:4', 200",
    "90, 90, 24, '1:1, cropped from 4:3', 150",
    "300, 100, 24, 'a strip, by its width', 360.555128"
  })
  void equivalentFocalLengthGoesByTheUncroppedDiagonal(
      int width, int height, int millimeters, String what, double diagonalPixels) {
    View view = view(SamplePhoto.of(width, height).equivalent35(millimeters));

    assertThat(view.focal().source()).isEqualTo(Source.EQUIVALENT_35MM);
    assertThat(view.focal().pixels())
        .as(what)
        .isCloseTo(millimeters * diagonalPixels / Math.hypot(36, 24), within(PIXELS));
  }

  @Test
  void aKnownSensorTellsTheAspectBeforeTheCrop() {
    View view = view(SamplePhoto.of(120, 90).camera("DJI", "FC6310").equivalent35(24));

    // 3:2 sensor: the 4:3 photo is a crop of 135 x 90
    assertThat(view.focal().pixels())
        .isCloseTo(24 * Math.hypot(135, 90) / Math.hypot(36, 24), within(PIXELS));
  }

  @ParameterizedTest
  @CsvSource({"2, 16393.44", "3, 6454.1102", "4, 645.41102"})
  void focalPlaneResolutionIsThatOfTheClaimedSize(int unit, double resolution) {
    // sensor 4000 / 16393.44 * 25.4 mm = 6.1976 mm wide; 4.3 mm lens; photo resized to 120 pixels
    View view =
        view(
            SamplePhoto.of(120, 90)
                .focalMillimeters(4.3)
                .tags((root, camera, gps) -> focalPlane(camera, 4000, 3000, resolution, unit)));

    assertThat(view.focal().source()).isEqualTo(Source.FOCAL_PLANE);
    assertThat(view.focal().pixels()).isCloseTo(120 * 4.3 / 6.1976, within(0.01));
  }

  @Test
  void aResolutionThatWasNotKeptUpIsNotBelieved() {
    // claims a sensor 120 / 16393 inches = 0.19 mm wide
    View view =
        view(
            SamplePhoto.of(120, 90)
                .camera("Canon", "Canon PowerShot ELPH 300 HS")
                .focalMillimeters(4.3)
                .tags((root, camera, gps) -> focalPlane(camera, 120, 90, 16393, 2)));

    assertThat(view.focal().source()).isEqualTo(Source.SENSOR_TABLE);
    assertThat(view.focal().pixels()).isCloseTo(120 * 4.3 / 6.17, within(PIXELS));
  }

  @Test
  void withoutAnythingFocalLengthIsAssumed() {
    View view = view(SamplePhoto.of(96, 120).focalMillimeters(50));

    assertThat(view.focal()).isEqualTo(new FocalPrior(1.2 * 120, Source.ASSUMED));
  }

  @Test
  void camerasAreToldApartByModelZoomAndSize() {
    assertThat(view(wide()).cameraModel()).isEqualTo("dji|fc330|96x64|3.61mm|eq20mm");
    assertThat(view(wide().orientation(6)).cameraModel())
        .isEqualTo("dji|fc330|64x96|3.61mm|eq20mm");
    assertThat(view(wide().orientation(3)).cameraModel())
        .isEqualTo("dji|fc330|96x64r|3.61mm|eq20mm");
    assertThat(view(wide().orientation(8)).cameraModel())
        .isEqualTo("dji|fc330|64x96r|3.61mm|eq20mm");
    assertThat(view(SamplePhoto.of(96, 64)).cameraModel())
        .isEqualTo("folder:street/north|96x64|-|-");
  }

  private static SamplePhoto wide() {
    return SamplePhoto.of(96, 64).camera("DJI ", "FC330").focalMillimeters(3.61).equivalent35(20);
  }

  private static void focalPlane(
      TiffOutputDirectory camera, int claimedWidth, int claimedHeight, double resolution, int unit)
      throws IOException {
    camera.add(ExifTagConstants.EXIF_TAG_EXIF_IMAGE_WIDTH, (short) claimedWidth);
    camera.add(ExifTagConstants.EXIF_TAG_EXIF_IMAGE_LENGTH, (short) claimedHeight);
    camera.add(
        ExifTagConstants.EXIF_TAG_FOCAL_PLANE_XRESOLUTION_EXIF_IFD,
        RationalNumber.valueOf(resolution));
    camera.add(ExifTagConstants.EXIF_TAG_FOCAL_PLANE_RESOLUTION_UNIT_EXIF_IFD, (short) unit);
  }

  @Test
  void sensorsAreFoundByMakeAndModel() {
    assertThat(SensorTable.find("DJI", "fc330 ").widthMillimeters()).isEqualTo(6.17);
    assertThat(SensorTable.find("NIKON CORPORATION", "NIKON D90").nativeAspect())
        .isCloseTo(1.5, within(0.01));
    assertThat(SensorTable.find("Other", "FC330")).isNull();
    assertThat(SensorTable.find("DJI", "of the future")).isNull();
    assertThat(SensorTable.find(null, "FC330")).isNull();
  }

  private View view(SamplePhoto photo) {
    PhotoOutcome outcome = reader.read("file:/photos/a", "street/north/a.jpg", photo.jpeg());
    assertThat(outcome).isInstanceOf(Accepted.class);
    return ((Accepted) outcome).view();
  }
}
