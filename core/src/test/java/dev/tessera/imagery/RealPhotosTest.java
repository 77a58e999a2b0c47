package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior.Source;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers of real photos, against positions and focal lengths found by other means. */
class RealPhotosTest {
  /** Tables round to 1e-9 degrees and to 1 mm; EXIF fractions to about 1 cm. */
  private static final double POSITION_ERROR_METERS = 0.05;

  @ParameterizedTest
  @CsvSource({"brighton_beach, 18", "seneca, 167", "lund, 29"})
  void everyPhotoIsAViewAtItsSurveyedPlace(String set, int photos) throws IOException {
    List<View> views = SharedPhotos.views(set + "/images");

    assertThat(views).hasSize(photos);
    assertThat(largestPositionError(views, set + "/gps.csv", "lat", "lon", "alt"))
        .isLessThan(POSITION_ERROR_METERS);
    assertThat(largestEnuError(views, set + "/gps.csv")).isLessThan(POSITION_ERROR_METERS);
  }

  @Test
  void syntheticPositionsAreReadAsTheyWereWritten() throws IOException {
    List<View> views = SharedPhotos.views("strecha-Herz-Jesus-P25/images_gps");

    assertThat(views).hasSize(25);
    String table = "strecha-Herz-Jesus-P25/gps_synthetic.csv";
    assertThat(largestPositionError(views, table, "lat_noisy", "lon_noisy", "alt_noisy"))
        .isLessThan(POSITION_ERROR_METERS);
  }

  /**
   * Tolerances: whole millimetres of the 35 mm tag are 2.5 % at 20 mm; a nominal focal length and
   * sensor are good to some percent. Truth of brighton_beach and seneca is that of other software's
   * reconstructions.
   */
  @ParameterizedTest
  @CsvSource({
    "brighton_beach/images, EQUIVALENT_35MM, 585, 0.025",
    "seneca/images, FOCAL_PLANE, 726, 0.03",
    "strecha-Herz-Jesus-P25/images_gps, EQUIVALENT_35MM, 920, 0.02",
    "kitti06_0-50/images_gps, EQUIVALENT_35MM, 590, 0.025"
  })
  void focalPriorIsNearTheCalibratedOne(
      String folder, Source source, double truthPixels, double tolerance) throws IOException {
    View view = SharedPhotos.views(folder).get(0);

    assertThat(view.focal().source()).isEqualTo(source);
    assertThat(view.focal().pixels()).isCloseTo(truthPixels, within(tolerance * truthPixels));
  }

  @Test
  void photosWithoutHeaderShareACameraByFolder() throws IOException {
    List<View> views = SharedPhotos.views("strecha-fountain-P11/images");

    assertThat(views).allMatch(view -> !view.hasPosition() && view.captureMillis() == null);
    assertThat(views)
        .extracting(View::cameraModel)
        .containsOnly("folder:strecha-fountain-P11/images|1024x683|-|-");
    assertThat(views).allMatch(view -> view.focal().source() == Source.ASSUMED);
  }

  @Test
  void aFlightHasOneCameraAndNoImpossiblePosition() throws IOException {
    List<View> flight = SequenceOrder.sorted(SharedPhotos.views("seneca/images"));

    List<View> checked = new PositionChecks(PositionChecks.Config.defaults()).check(flight);

    assertThat(checked).isEqualTo(flight);
    assertThat(flight)
        .extracting(View::name)
        .isSortedAccordingTo(NaturalOrder.INSTANCE)
        .hasSize(167);
  }

  private static double largestPositionError(
      List<View> views, String table, String lat, String lon, String alt) throws IOException {
    Map<String, CSVRecord> rows = rows(table);
    LocalFrame world = new LocalFrame(views.get(0).position().point());
    double largest = 0;
    for (View view : views) {
      CSVRecord row = rows.get(file(view));
      GeoPoint expected =
          new GeoPoint(
              Double.parseDouble(row.get(lat)),
              Double.parseDouble(row.get(lon)),
              Double.parseDouble(row.get(alt)));
      Vec3 found = world.toEnu(view.position().point());
      largest = Math.max(largest, found.distanceTo(world.toEnu(expected)));
    }
    return largest;
  }

  private static double largestEnuError(List<View> views, String table) throws IOException {
    Map<String, CSVRecord> rows = rows(table);
    LocalFrame world = new LocalFrame(views.get(0).position().point());
    double largest = 0;
    for (View view : views) {
      CSVRecord row = rows.get(file(view));
      Vec3 expected =
          new Vec3(
              Double.parseDouble(row.get("east_m")),
              Double.parseDouble(row.get("north_m")),
              Double.parseDouble(row.get("up_m")));
      largest = Math.max(largest, world.toEnu(view.position().point()).distanceTo(expected));
    }
    return largest;
  }

  private static Map<String, CSVRecord> rows(String table) throws IOException {
    return SharedPhotos.csv(table).stream()
        .collect(Collectors.toMap(row -> row.get("image"), row -> row));
  }

  private static String file(View view) {
    return view.name().substring(view.name().lastIndexOf('/') + 1);
  }
}
