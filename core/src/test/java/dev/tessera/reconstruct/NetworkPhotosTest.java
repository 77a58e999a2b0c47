package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.NetworkInput;
import dev.tessera.imagery.View;
import dev.tessera.sfm.WorkerPool;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NetworkPhotosTest {
  private static final NetworkInput INPUT = new NetworkInput(NetworkInput.Mode.FIT, 70, 14, 1);
  private static final int PHOTOS = 12;

  private final GradientPhotos gradients = gradients();

  private static GradientPhotos gradients() {
    GradientPhotos photos = new GradientPhotos();
    for (int i = 0; i < PHOTOS / 2; i++) {
      photos.with(90 + i, 60, 1).with(60, 90 + i, 6);
    }
    return photos;
  }

  private NetworkPhotos read(int threads, PhotoSource source, Progress progress)
      throws IOException {
    try (WorkerPool workers = new WorkerPool(threads)) {
      return NetworkPhotos.of(gradients.chunk().views(), INPUT, source, workers, progress);
    }
  }

  @Test
  void threadsChangeNeitherPhotosNorTheirOrder() throws IOException {
    NetworkPhotos alone = read(1, gradients.source(), Progress.NONE);
    NetworkPhotos together = read(4, gradients.source(), Progress.NONE);

    assertThat(alone.count()).isEqualTo(PHOTOS);
    assertThat(together.count()).isEqualTo(PHOTOS);
    for (int i = 0; i < PHOTOS; i++) {
      assertThat(together.view(i)).isEqualTo(gradients.chunk().views().get(i));
      assertThat(together.photo(i).planes()).isEqualTo(alone.photo(i).planes());
      assertThat(together.photo(i).geometry()).isEqualTo(alone.photo(i).geometry());
    }
  }

  /** All workers wait for one another, so that they do fetch together; and no more than they. */
  @Test
  void asManyPhotosAreReadAtATimeAsThereAreWorkers() throws IOException {
    int threads = 3;
    CountDownLatch together = new CountDownLatch(threads);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    PhotoSource source =
        view -> {
          most.accumulateAndGet(now.incrementAndGet(), Math::max);
          together.countDown();
          awaitAll(together);
          byte[] bytes = gradients.source().read(view);
          now.decrementAndGet();
          return bytes;
        };

    read(threads, source, Progress.NONE);

    assertThat(most.get()).isEqualTo(threads);
  }

  private static void awaitAll(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(1, TimeUnit.MINUTES)) {
        throw new IOException("workers do not read together");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void photosThatCannotBeUsedAreLeftOutInOrder() throws IOException {
    List<View> views = gradients.chunk().views();
    PhotoSource source =
        view ->
            view.equals(views.get(2)) || view.equals(views.get(9))
                ? new byte[] {7}
                : gradients.source().read(view);

    NetworkPhotos photos = read(4, source, Progress.NONE);

    assertThat(photos.count()).isEqualTo(PHOTOS - 2);
    assertThat(photos.view(2)).isEqualTo(views.get(3));
    assertThat(photos.unreadable().stream().map(ChunkScene.Unregistered::view))
        .containsExactly(views.get(2).id(), views.get(9).id());
  }

  @Test
  void firstPhotoThatCannotBeFetchedEndsTheWork() {
    AtomicInteger asked = new AtomicInteger();
    PhotoSource source =
        view -> {
          asked.incrementAndGet();
          throw new IOException("store is down");
        };

    assertThatThrownBy(() -> read(2, source, Progress.NONE))
        .isInstanceOf(IOException.class)
        .hasMessage("store is down");
    assertThat(asked.get()).isLessThanOrEqualTo(2);
  }

  @Test
  void progressCountsEveryPhotoOnce() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();

    read(
        3,
        gradients.source(),
        (step, done, total) -> {
          assertThat(step).isEqualTo("decode");
          assertThat(total).isEqualTo(PHOTOS);
          calls.incrementAndGet();
          most.accumulateAndGet(done, Math::max);
        });

    assertThat(calls.get()).isEqualTo(PHOTOS);
    assertThat(most.get()).isEqualTo(PHOTOS);
  }
}
