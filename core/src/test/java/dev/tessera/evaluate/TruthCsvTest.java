package dev.tessera.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tessera.geometry.Vec3;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TruthCsvTest {
  private static final double ROUNDING = 1e-12;

  @Test
  void columnsAreFoundByNameInEitherSpelling() throws IOException {
    Truth plain = read("Cz,Cy,Cx,qz,qy,qx,qw,image,more\n3,2,1,0,0,1,0,a.jpg,x\n");
    Truth enu = read("image,Cx_east,Cy_north,Cz_above_ground,qw,qx,qy,qz\na.jpg,1,2,3,0,1,0,0\n");

    for (Truth truth : List.of(plain, enu)) {
      Vec3 center = truth.cameraFromWorld().get("a.jpg").center();
      assertThat(center.distanceTo(new Vec3(1, 2, 3))).isCloseTo(0, within(ROUNDING));
      // Half a turn about x: the camera looks down.
      Vec3 forward = truth.cameraFromWorld().get("a.jpg").rotation().rotate(new Vec3(0, 0, -1));
      assertThat(forward.distanceTo(new Vec3(0, 0, 1))).isCloseTo(0, within(ROUNDING));
    }
  }

  @Test
  void rowsWithMissingNumbersAreSkippedAndCounted() throws IOException {
    Truth truth =
        read(
            """
            image,qw,qx,qy,qz,Cx,Cy,Cz
            a.jpg,1,0,0,0,1,2,3
            b.jpg,,0,0,0,1,2,3
            c.jpg,1,0,0,0,nan,2,3
            d.jpg,0,0,0,0,1,2,3
            e.jpg,1,0
            """);

    assertThat(truth.cameraFromWorld()).containsOnlyKeys("a.jpg");
    assertThat(truth.skippedRows()).isEqualTo(4);
  }

  @Test
  void aMissingColumnIsNamed() {
    assertThatThrownBy(() -> read("image,qx,qy,qz,Cx,Cy,Cz\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot read truth truth.csv: no column qw");
    assertThatThrownBy(() -> read("image,qw,qx,qy,qz,Cx,Cy\n"))
        .hasMessage("Cannot read truth truth.csv: no column Cz");
  }

  @Test
  void everyReferenceOfTheRealPhotoSetsIsRead() throws IOException {
    Path data = sharedData();
    assumeThat(data).as("photo sets, found through TESSERA_SHARED").isNotNull();
    try (Stream<Path> files = Files.walk(data, 2)) {
      for (Path file : files.filter(TruthCsvTest::isTruth).toList()) {
        Truth truth = TruthCsv.read(file);
        long rows = Files.readAllLines(file).stream().filter(l -> !l.isBlank()).count() - 1;

        assertThat(truth.cameraFromWorld()).as(file.toString()).isNotEmpty();
        assertThat(truth.cameraFromWorld().size() + truth.skippedRows()).isEqualTo((int) rows);
      }
    }
  }

  private static boolean isTruth(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("gt_") && name.endsWith(".csv");
  }

  private static Path sharedData() {
    String given = System.getenv("TESSERA_SHARED");
    return Stream.of(given == null ? "../../shared" : given, "../../shared", "../shared")
        .map(folder -> Path.of(folder, "data"))
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(null);
  }

  private static Truth read(String text) throws IOException {
    return TruthCsv.read(new StringReader(text), "truth.csv");
  }
}
