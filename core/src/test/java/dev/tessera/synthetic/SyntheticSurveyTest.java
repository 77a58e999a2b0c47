package dev.tessera.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.PhotoOutcome;
import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.View;
import dev.tessera.merge.Edge;
import dev.tessera.merge.EdgeEstimator;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ChunkViews;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SyntheticSurveyTest {
  private static final SyntheticSurvey SURVEY = new SyntheticSurvey(20_000, 500, 3);

  @Test
  void aFewOfAThousandPhotosAreNotAsTheyShouldBe() {
    List<PhotoOutcome> photos =
        IntStream.range(0, SURVEY.photos()).mapToObj(SURVEY::photo).toList();
    List<View> views = views(0, SURVEY.photos());
    long ids = views.stream().map(View::id).distinct().count();

    assertThat(photos.size() - views.size()).as("damaged").isBetween(8, 35);
    assertThat((int) (views.size() - ids)).as("copies").isBetween(8, 35);
    assertThat(views.stream().filter(v -> !v.hasPosition()).count()).isBetween(150L, 250L);
  }

  @Test
  void scenesOfNeighboursAgreeOnTheirSharedViews() {
    List<View> views = views(0, 120);
    ChunkScene a = SURVEY.scene(chunk(0, views.subList(0, 70)));
    ChunkScene b = SURVEY.scene(chunk(1, views.subList(50, views.size())));

    Edge edge = EdgeEstimator.estimate(a, b, EdgeEstimator.Config.defaults());

    assertThat(edge.accepted()).isTrue();
    assertThat(edge.relativeRms()).isLessThan(1e-4);
  }

  @Test
  void aSceneIsTrueUpToItsGauge() {
    List<View> views = views(250, 60); // a line has 282
    ChunkScene scene = SURVEY.scene(chunk(0, views));
    List<Vec3> inScene = scene.cameras().stream().map(c -> c.cameraFromChunk().center()).toList();
    List<Vec3> truth =
        views.stream()
            .map(v -> SURVEY.center(Integer.parseInt(v.name().substring(14, 23))))
            .toList();

    Sim3 worldFromChunk = Umeyama.fit(inScene, truth);

    for (int i = 0; i < truth.size(); i++) {
      assertThat(worldFromChunk.apply(inScene.get(i)).distanceTo(truth.get(i)))
          .isCloseTo(0, within(1e-6));
    }
    assertThat(scene.points().count()).isGreaterThan(3 * views.size());
  }

  private static ChunkViews chunk(int id, List<View> views) {
    return new ChunkViews(
        new ChunkId(id), null, views.stream().map(v -> v.withPosition(null)).toList());
  }

  private static List<View> views(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(SURVEY::photo)
        .filter(Accepted.class::isInstance)
        .map(photo -> ((Accepted) photo).view())
        .toList();
  }
}
