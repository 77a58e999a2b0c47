package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geodesy.GeoPoint;
import dev.tessera.geodesy.LocalFrame;
import dev.tessera.imagery.SequenceOrder;
import dev.tessera.imagery.View;
import dev.tessera.jobs.workspace.Stage;
import dev.tessera.reconstruct.ChunkOutcome;
import dev.tessera.reconstruct.ChunkViews;
import dev.tessera.reconstruct.EngineSpec;
import dev.tessera.reconstruct.PhotoSource;
import dev.tessera.reconstruct.Progress;
import dev.tessera.reconstruct.ReconstructionEngine;
import dev.tessera.synthetic.SyntheticTown;
import dev.tessera.synthetic.TownCamera;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Three groups of photos that no view ties together, in one run: the south and the north of a town,
 * with positions, and its middle, without any.
 */
class IslandsTest {
  private static final int PHOTOS_PER_ISLAND = 10;

  private static final LocalFrame TOWN = SyntheticTown.seeded(SmallTown.SEED).frame();

  /** Ten positions that err by 1 m on each horizontal axis: three sigmas of their mean and turn. */
  private static final double ANCHOR_METERS = 3;

  private static List<TownCamera> cameras;
  private static Path workspace;

  @BeforeAll
  static void aMapOfThreeIslands() throws IOException {
    Path photos = SmallTown.newFolder("islands");
    cameras = new ArrayList<>();
    List<TownCamera> fromSouth =
        SmallTown.cameras().stream()
            .sorted(Comparator.comparingDouble(c -> c.cameraFromWorld().center().y()))
            .toList();
    for (int i = 0; i < fromSouth.size(); i++) {
      String island = List.of("south", "middle", "north").get(i / PHOTOS_PER_ISLAND);
      TownCamera camera = fromSouth.get(i);
      String name = island + "/" + Path.of(camera.name()).getFileName();
      Files.createDirectories(photos.resolve(island));
      Files.copy(SmallTown.photos().resolve(camera.name()), photos.resolve(name));
      if (island.equals("middle")) {
        SmallTown.stripExif(photos.resolve(name));
      }
      cameras.add(
          new TownCamera(
              name, camera.intrinsics(), camera.cameraFromWorld(), camera.captureMillis()));
    }
    workspace = SmallTown.newFolder("islands-map");
    Settings settings =
        Settings.defaults()
            .withOverride("partition.max-views-per-chunk=16")
            .withOverride("partition.min-shared-views=5");
    Pipeline.Request request =
        new Pipeline.Request(
            photos.toString(), workspace.toString(), "local[2]", false, Set.of(), Stage.OF_A_RUN);
    EngineSpec engine = new IslandSpec(new TruthSpec(1, SmallTown.SEED, cameras));
    assertThat(Pipeline.execute(settings, request, s -> engine)).isZero();
  }

  @Test
  void everyIslandIsPublishedAsAComponentOfItsOwn() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(
              map.rows(
                  "select split_part(name, '/', 1) island, count(*), count(distinct component_id),"
                      + " any_value(georeferenced) from {cameras} group by island order by island"))
          .containsExactly(
              List.of("middle", 10L, 1L, false),
              List.of("north", 10L, 1L, true),
              List.of("south", 10L, 1L, true));
      assertThat(map.number("select count(distinct component_id) from {cameras}")).isEqualTo(3);
    }
  }

  @Test
  void islandsWithPositionsAreEachWhereTheirPositionsSay() throws Exception {
    Map<String, TownCamera> truth =
        cameras.stream().collect(Collectors.toMap(TownCamera::name, Function.identity()));
    try (MapSql map = MapSql.of(workspace)) {
      for (List<Object> row :
          map.rows("select name, lat, lon, height_m from {cameras} where georeferenced")) {
        GeoPoint place =
            new GeoPoint((double) row.get(1), (double) row.get(2), (double) row.get(3));
        assertThat(
                TOWN.toEnu(place)
                    .distanceTo(truth.get((String) row.get(0)).cameraFromWorld().center()))
            .as("error of %s", row.get(0))
            .isCloseTo(0, within(ANCHOR_METERS));
      }
    }
  }

  @Test
  void anIslandWithoutPositionsIsNowhereOnEarth() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      assertThat(
              map.number(
                  "select count(*) from {cameras} where name like 'middle/%' and (lat is not null"
                      + " or lon is not null or gps_residual_east_m is not null)"))
          .isZero();
    }
  }

  @Test
  void everyPhotosPointsAreThereExactlyOnce() throws Exception {
    try (MapSql map = MapSql.of(workspace)) {
      map.requireEachPhotosPointsOnce();
    }
  }

  /** The photos of a folder see one another, and no others: a chunk becomes its largest folder. */
  private record IslandSpec(TruthSpec truth) implements EngineSpec {
    @Override
    public String engineName() {
      return "islands";
    }

    @Override
    public String fingerprint() {
      return "islands of " + truth.fingerprint();
    }

    @Override
    public ReconstructionEngine open(int threads) {
      return new Opened(truth);
    }
  }

  private record Opened(TruthSpec truth) implements ReconstructionEngine {
    @Override
    public ChunkOutcome reconstruct(ChunkViews chunk, PhotoSource photos, Progress progress)
        throws IOException {
      Map<String, List<View>> folders =
          chunk.views().stream().collect(Collectors.groupingBy(v -> folder(v.name())));
      String largest =
          folders.keySet().stream()
              .max(
                  Comparator.comparingInt((String folder) -> folders.get(folder).size())
                      .thenComparing(Comparator.naturalOrder()))
              .orElseThrow();
      List<TownCamera> seen =
          truth.cameras().stream().filter(c -> folder(c.name()).equals(largest)).toList();
      return new TruthSpec(truth.version(), truth.townSeed(), seen)
          .open(1)
          .reconstruct(chunk, photos, progress);
    }

    private static String folder(String name) {
      return SequenceOrder.folder(name);
    }

    @Override
    public int maxViews(long memoryBytes, long pixelsPerView) {
      return Integer.MAX_VALUE;
    }

    @Override
    public void close() {
      // holds nothing
    }
  }
}
