package dev.tessera.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geodesy.GeoPoint;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class GeoParquetTest {
  private static final GeoPoint TOWN = new GeoPoint(51.5, -0.125, 40);
  private static final GeoPoint EAST = new GeoPoint(51.25, 0.5, -2);

  @Test
  void aPointIsLittleEndianLongitudeLatitudeHeight() {
    assertThat(HexFormat.of().formatHex(Wkb.pointZ(TOWN)))
        .isEqualTo(
            "01" + "e9030000" + "000000000000c0bf" + "0000000000c04940" + "0000000000004440");
  }

  @Test
  void aPolygonClosesItsRing() {
    String hex = HexFormat.of().formatHex(Wkb.polygon(List.of(TOWN, EAST, new GeoPoint(52, 0, 0))));

    String first = "000000000000c0bf" + "0000000000c04940";
    assertThat(hex).startsWith("01" + "03000000" + "01000000" + "04000000" + first).endsWith(first);
    assertThat(hex).hasSize(2 * (13 + 4 * 16));
  }

  @Test
  void aPolygonNeedsThreeCorners() {
    assertThatThrownBy(() -> Wkb.polygon(List.of(TOWN, EAST)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot write a polygon of 2 corners, need 3");
  }

  @Test
  void pointsHaveHeightsInTheirBoxAndReferenceSystem() {
    double[] box = GeoParquet.bbox(GeoParquet.Geometry.POINT_Z, List.of(TOWN, EAST));
    String json = GeoParquet.metadata(GeoParquet.Geometry.POINT_Z, box);

    assertThat(box).containsExactly(-0.125, 51.25, -2, 0.5, 51.5, 40);
    assertThat(json)
        .startsWith(
            "{\"version\":\"1.1.0\",\"primary_column\":\"geometry\",\"columns\":{\"geometry\":"
                + "{\"encoding\":\"WKB\",\"geometry_types\":[\"Point Z\"],")
        .contains("\"id\":{\"authority\":\"OGC\",\"code\":\"CRS84h\"}")
        .contains("Ellipsoidal height")
        .endsWith("\"bbox\":[-0.125,51.25,-2.0,0.5,51.5,40.0]}}}");
    assertBalanced(json);
  }

  @Test
  void polygonsAreFlat() {
    double[] box = GeoParquet.bbox(GeoParquet.Geometry.POLYGON, List.of(TOWN, EAST));
    String json = GeoParquet.metadata(GeoParquet.Geometry.POLYGON, box);

    assertThat(box).containsExactly(-0.125, 51.25, 0.5, 51.5);
    assertThat(json).contains("\"code\":\"CRS84\"").doesNotContain("Ellipsoidal height");
    assertBalanced(json);
  }

  @Test
  void anEmptyTableHasNoBox() {
    double[] box = GeoParquet.bbox(GeoParquet.Geometry.POINT_Z, List.of());

    assertThat(GeoParquet.metadata(GeoParquet.Geometry.POINT_Z, box)).doesNotContain("bbox");
  }

  private static void assertBalanced(String json) {
    assertThat(json).doesNotContain("\n").doesNotContain("%").doesNotContain(",,");
    assertThat(json.chars().filter(c -> c == '{').count())
        .isEqualTo(json.chars().filter(c -> c == '}').count());
    assertThat(json.chars().filter(c -> c == '[').count())
        .isEqualTo(json.chars().filter(c -> c == ']').count());
    assertThat(json.chars().filter(c -> c == '"').count() % 2).isZero();
  }
}
