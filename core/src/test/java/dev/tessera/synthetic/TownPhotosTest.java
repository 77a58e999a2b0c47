package dev.tessera.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.drew.imaging.ImageMetadataReader;
import com.drew.lang.GeoLocation;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifSubIFDDirectory;
import com.drew.metadata.exif.GpsDirectory;
import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geometry.Vec3;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TownPhotosTest {
  private static final PositionNoise EXACT = new PositionNoise(0, 0, 0, 0, 0);

  /** A header holds seconds of arc and millimetres of height to about a millimetre. */
  private static final double HEADER_METERS = 0.01;

  private final SyntheticTown town = SyntheticTown.seeded(7);
  private final Flight flight = Flight.of(town, 10, 1, Flight.Config.ofSize(96, 72));

  @TempDir Path folder;

  @Test
  void headersSayWhereWhenAndWithWhatAPhotoWasTaken() throws Exception {
    write(folder, EXACT, 1);

    for (TownCamera camera : flight.cameras()) {
      Metadata header = ImageMetadataReader.readMetadata(folder.resolve(camera.name()).toFile());
      GpsDirectory gps = header.getFirstDirectoryOfType(GpsDirectory.class);
      GeoLocation at = gps.getGeoLocation();
      double height = gps.getRational(GpsDirectory.TAG_ALTITUDE).doubleValue();
      Vec3 enu = town.frame().toEnu(new GeoPoint(at.getLatitude(), at.getLongitude(), height));
      ExifSubIFDDirectory lens = header.getFirstDirectoryOfType(ExifSubIFDDirectory.class);

      assertThat(enu.distanceTo(camera.cameraFromWorld().center())).isLessThan(HEADER_METERS);
      assertThat(lens.getInt(ExifSubIFDDirectory.TAG_35MM_FILM_EQUIV_FOCAL_LENGTH)).isEqualTo(24);
      assertThat(lens.getDateOriginal().getTime()).isEqualTo(camera.captureMillis());
      assertThat(
              header
                  .getFirstDirectoryOfType(ExifIFD0Directory.class)
                  .getString(ExifIFD0Directory.TAG_MAKE))
          .isEqualTo("Tessera");
    }
  }

  @Test
  void filesDoNotDependOnTheNumberOfThreads() throws IOException {
    write(folder.resolve("one"), PositionNoise.defaults(), 1);
    write(folder.resolve("three"), PositionNoise.defaults(), 3);

    for (TownCamera camera : flight.cameras()) {
      assertThat(folder.resolve("three").resolve(camera.name()))
          .hasSameBinaryContentAs(folder.resolve("one").resolve(camera.name()));
    }
    assertThat(folder.resolve("three/truth.csv"))
        .hasSameBinaryContentAs(folder.resolve("one/truth.csv"));
  }

  @Test
  void photosCanLackAPosition() throws Exception {
    write(folder, new PositionNoise(1, 2, 1, 0, 0), 2);

    for (TownCamera camera : flight.cameras()) {
      Metadata header = ImageMetadataReader.readMetadata(folder.resolve(camera.name()).toFile());
      assertThat(header.getFirstDirectoryOfType(GpsDirectory.class)).isNull();
    }
  }

  @Test
  void positionErrorsHaveTheSigmasAndSharesAskedFor() {
    PositionNoise noise = new PositionNoise(1, 2, 0.25, 0.1, 100);
    int missing = 0;
    int gross = 0;
    double eastSquared = 0;
    double upSquared = 0;
    int good = 0;
    for (int photo = 0; photo < 4000; photo++) {
      Vec3 measured = noise.measured(Vec3.ZERO, 9, photo);
      if (measured == null) {
        missing++;
      } else if (Math.hypot(measured.x(), measured.y()) > 50) {
        gross++;
      } else {
        good++;
        eastSquared += measured.x() * measured.x();
        upSquared += measured.z() * measured.z();
      }
    }

    // Four standard errors of a share of 4000, and of a sigma from some 2700 values.
    assertThat(missing / 4000.0).isCloseTo(0.25, within(4 * 0.007));
    assertThat(gross / 3000.0).isCloseTo(0.1, within(4 * 0.006));
    assertThat(Math.sqrt(eastSquared / good)).isCloseTo(1, within(4 * 0.014));
    assertThat(Math.sqrt(upSquared / good)).isCloseTo(2, within(4 * 0.028));
  }

  @Test
  void truthHoldsTheExactCameras() throws IOException {
    List<String> lines =
        new BufferedReader(new StringReader(TownPhotos.truthCsv(flight.cameras())))
            .lines()
            .toList();

    assertThat(lines.get(0)).isEqualTo("image,width,height,fx,fy,cx,cy,qw,qx,qy,qz,Cx,Cy,Cz");
    assertThat(lines).hasSize(11);
    assertThat(lines.get(1)).startsWith("flight/0001.jpg,96,72,66.000000,66.000000,48.000000,36.");
  }

  @Test
  void progressCountsEveryPhoto() throws IOException {
    java.util.Set<Integer> counts = java.util.concurrent.ConcurrentHashMap.newKeySet();

    TownPhotos.write(folder, town, flight, new TownPhotos.Config(EXACT, 1, 0.9, 2), counts::add);

    assertThat(counts).hasSize(10).contains(1, 10);
    assertThat(Files.exists(folder.resolve(TownPhotos.TRUTH))).isTrue();
  }

  @Test
  void sharesOutsideZeroToOneAreRefused() {
    assertThatThrownBy(() -> new PositionNoise(1, 2, 1.5, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Shares of photos must be in [0, 1], were 1.5 and 0.0");
  }

  private void write(Path out, PositionNoise noise, int threads) throws IOException {
    TownPhotos.write(out, town, flight, new TownPhotos.Config(noise, 5, 0.9, threads), done -> {});
  }
}
