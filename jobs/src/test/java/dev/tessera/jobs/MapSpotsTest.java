package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.jobs.MapSpots.Spot;
import dev.tessera.jobs.tables.ChunkRows.Origin;
import dev.tessera.localize.PlacedChunk;
import dev.tessera.map.Bounds;
import dev.tessera.merge.MapFrames.ChunkFrame;
import dev.tessera.merge.MapFrames.Status;
import dev.tessera.partition.ChunkId;
import dev.tessera.partition.ViewSite;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MapSpotsTest {
  /** Chunks 0 to 2 were planned; 1 was halved into 3 and 4, and 4 into 5 and 6; 7 is a seam. */
  private static final List<Origin> ORIGINS =
      List.of(
          new Origin(0, null, false),
          new Origin(1, null, false),
          new Origin(2, null, false),
          new Origin(3, 1, false),
          new Origin(4, 1, false),
          new Origin(5, 4, false),
          new Origin(6, 4, false),
          new Origin(7, null, true));

  @Test
  void aHalfOfAHalfStandsForTheChunkThatWasPlannedAndASeamForTheNearest() {
    MapSpots spots =
        MapSpots.of(
            ORIGINS,
            List.of(placed(0, 0, 0), placed(3, 200, 0), placed(6, 400, 0), placed(7, 320, 0)));

    assertThat(spots.planned()).isEqualTo(Map.of(0, 0, 3, 1, 6, 1, 7, 1));
  }

  @Test
  void aSeamAloneInItsComponentStandsForNone() {
    MapSpots spots = MapSpots.of(ORIGINS, List.of(placed(0, 0, 0), placed(7, 10, 1)));

    assertThat(spots.planned()).isEqualTo(Map.of(0, 0));
  }

  @Test
  void aPositionIsNearAChunkThatIsNoFartherThanItIsWide() {
    MapSpots spots = MapSpots.of(ORIGINS, List.of(placed(0, 0, 0), placed(3, 1000, 0)));

    assertThat(spots.near(at(190, 50), false)).extracting(Spot::chunk).isEqualTo(0);
    assertThat(spots.near(at(950, 50), false)).extracting(Spot::chunk).isEqualTo(1);
    assertThat(spots.near(at(210, 50), true)).isNull();
    assertThat(spots.near(ViewSite.unpositioned(new ViewId(1), 0), true)).isNull();
    assertThat(spots.near(at(50, 50), true).found()).isTrue();
    assertThat(spots.near(at(50, 50), false).found()).isFalse();
  }

  private static ViewSite at(double east, double north) {
    return new ViewSite(new ViewId(1), east, north, 0);
  }

  /** A chunk of the size of a field, from {@code east} on. */
  private static PlacedChunk placed(int chunk, double east, int component) {
    return new PlacedChunk(
        new ChunkFrame(
            new ChunkId(chunk), Sim3.IDENTITY, component, true, 0, 0, 0, 0, 0, Status.ANCHORED),
        Bounds.empty().including(new Vec3(east, 0, 0)).including(new Vec3(east + 100, 80, 0)));
  }
}
