package dev.tessera.localize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.FocalPrior;
import dev.tessera.imagery.PositionPrior;
import dev.tessera.imagery.View;
import dev.tessera.imagery.ViewId;
import dev.tessera.localize.ChunkChoice.Ask;
import dev.tessera.localize.ChunkChoice.AskNone;
import dev.tessera.localize.ChunkChoice.Reason;
import dev.tessera.partition.ChunkId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChunkSelectorTest {
  private static final LocalFrame WORLD = new LocalFrame(new GeoPoint(48.1, 11.6, 500));
  private static final ChunkSelector.Config CONFIG = new ChunkSelector.Config(3, 50, 500);
  private static final double SIGMA_METERS = 4;

  /** Eight by four chunks of 50 m. */
  private final List<PlacedChunk> town = SeededChunks.grid(8, 4);

  @Test
  void aPhotoWithAPositionAsksTheNearestChunks() {
    ChunkChoice choice = selector(town).select(photo(new Vec3(60, 70, 3)));

    assertThat(choice).isEqualTo(ask(9, 8, 1));
  }

  @Test
  void aPhotoWithoutAPositionAsksAllChunks() {
    assertThat(selector(town).select(photo(null)))
        .isEqualTo(ask(IntStream.range(0, town.size()).toArray()));
  }

  @Test
  void allAreNotAskedWhenTheyAreTooMany() {
    List<PlacedChunk> many = SeededChunks.grid(17, 3);

    assertThat(selector(many.subList(0, 50)).select(photo(null)))
        .isEqualTo(ask(IntStream.range(0, 50).toArray()));
    assertThat(selector(many).select(photo(null)))
        .isEqualTo(
            new AskNone(
                Reason.TOO_MANY_CHUNKS,
                "no position says which of 51 chunks to ask, at most 50 are"));
  }

  @Test
  void aPositionReachesAsFarAsTheLimitAndItsOwnError() {
    double west = -500 - 3 * SIGMA_METERS;
    double roundingMeters = 0.01; // through degrees and back

    assertThat(selector(town).select(photo(new Vec3(west + roundingMeters, 20, 0))))
        .isEqualTo(ask(0));
    assertThat(selector(town).select(photo(new Vec3(west - roundingMeters, 20, 0))))
        .isEqualTo(
            new AskNone(Reason.NO_CHUNK_NEAR, "no chunk within 512 m of the photo's position"));
  }

  @Test
  void farFromAllChunksThoseWithoutAPlaceOnTheEarthAreAsked() {
    PlacedChunk floating = SeededChunks.chunk(90, false, SeededChunks.at(new Vec3(1, 1, 1), 2, 2));
    List<PlacedChunk> mixed = new ArrayList<>(town);
    mixed.add(floating);

    assertThat(selector(mixed).select(photo(new Vec3(9000, 0, 0))))
        .isEqualTo(ask(floating.frame().chunk().value()));
    assertThat(selector(mixed).select(photo(new Vec3(60, 70, 3)))).isEqualTo(ask(9, 8, 1));
  }

  @Test
  void aMapThatIsNotGeoreferencedHasNoUseForPositions() {
    PlacedChunk floating = SeededChunks.chunk(0, false, SeededChunks.at(new Vec3(1, 1, 1), 2, 2));

    assertThat(
            new ChunkSelector(List.of(floating), null, CONFIG).select(photo(new Vec3(9000, 0, 0))))
        .isEqualTo(ask(floating.frame().chunk().value()));
  }

  private static Ask ask(int... chunks) {
    return new Ask(IntStream.of(chunks).mapToObj(ChunkId::new).toList());
  }

  private static ChunkSelector selector(List<PlacedChunk> chunks) {
    return new ChunkSelector(chunks, WORLD, CONFIG);
  }

  private static View photo(Vec3 enuMeters) {
    PositionPrior position =
        enuMeters == null
            ? null
            : new PositionPrior(
                WORLD.toGeo(enuMeters), SIGMA_METERS, 10, PositionPrior.Suspicion.NONE);
    FocalPrior focal = new FocalPrior(1000, FocalPrior.Source.ASSUMED);
    return new View(
        new ViewId(1), "file:/a.jpg", "a.jpg", "00", 800, 600, 1, focal, "m", null, position);
  }
}
