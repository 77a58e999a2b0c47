package dev.tessera.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geodesy.GeoPoint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WkbTest {
  private static final byte[] POLYGON =
      Wkb.polygon(List.of(new GeoPoint(47, 8, 0), new GeoPoint(47, 9, 0), new GeoPoint(48, 9, 0)));

  @Test
  void aPolygonIsOne() {
    assertThat(Wkb.isPolygon(POLYGON)).isTrue();
  }

  @Test
  void whatIsCutShortOrIsAPointIsNone() {
    for (int length = 0; length < POLYGON.length; length++) {
      assertThat(Wkb.isPolygon(Arrays.copyOf(POLYGON, length))).as("%d bytes", length).isFalse();
    }
    assertThat(Wkb.isPolygon(Wkb.pointZ(new GeoPoint(47, 8, 400)))).isFalse();
  }

  @Test
  void aRingThatIsOpenOrLeavesTheGlobeIsNone() {
    assertThat(Wkb.isPolygon(with(0, 8.5))).isFalse(); // the last corner is still at 8
    assertThat(Wkb.isPolygon(with(2, 181))).isFalse();
    assertThat(Wkb.isPolygon(with(3, 91))).isFalse();
    assertThat(Wkb.isPolygon(with(2, Double.NaN))).isFalse();
  }

  /** The polygon with another number in its ring. */
  private static byte[] with(int index, double value) {
    byte[] changed = POLYGON.clone();
    ByteBuffer.wrap(changed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putDouble(1 + 3 * Integer.BYTES + index * Double.BYTES, value);
    return changed;
  }
}
