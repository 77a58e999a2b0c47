package dev.tessera.jobs;

import dev.tessera.imagery.View;
import dev.tessera.jobs.tables.LocalizedRows.LocalizedPhoto;
import dev.tessera.localize.Answer;
import dev.tessera.localize.ChunkChoice;
import dev.tessera.localize.ChunkChoice.Ask;
import dev.tessera.localize.ChunkChoice.AskNone;
import dev.tessera.localize.ChunkSelector;
import dev.tessera.localize.PlacedChunk;
import java.io.IOException;
import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/** Photos that a map does not have, the chunks of it that are asked about each, and the answers. */
final class PhotoQuestions {
  private final Run run;
  private final MemoryFiles memories;
  private final JavaRDD<Question> questions;

  private PhotoQuestions(Run run, MemoryFiles memories, JavaRDD<Question> questions) {
    this.run = run;
    this.memories = memories;
    this.questions = questions;
  }

  /** A photo, and whom to ask. */
  private record Question(View photo, ChunkChoice choice) implements Serializable {
    int chunksAsked() {
      return choice instanceof Ask ask ? ask.chunks().size() : 0;
    }

    Iterator<Tuple2<ChunkBatches.Key, View>> perChunk() {
      return choice instanceof Ask ask
          ? ask.chunks().stream().map(chunk -> about(chunk.value())).iterator()
          : Collections.emptyIterator();
    }

    private Tuple2<ChunkBatches.Key, View> about(int chunk) {
      return new Tuple2<>(new ChunkBatches.Key(chunk, photo.id().value()), photo);
    }
  }

  static PhotoQuestions of(Run run, PublishedMap map, JavaRDD<View> photos) throws IOException {
    MemoryFiles memories = MemoryFiles.of(run);
    Settings settings = run.settings();
    List<PlacedChunk> placed = map.placed(memories.chunks());
    Broadcast<ChunkSelector> selector =
        run.sc()
            .broadcast(
                new ChunkSelector(
                    placed,
                    map.world(),
                    new ChunkSelector.Config(
                        settings.integer("localize.chunks-per-photo"),
                        settings.integer("localize.max-chunks"),
                        settings.number("localize.max-distance-m"))));
    PlaceSearch search = PlaceSearch.of(run, memories, placed);
    return new PhotoQuestions(
        run,
        memories,
        photos
            .map(
                photo ->
                    new Question(photo, search.narrowed(photo, selector.value().select(photo))))
            .cache());
  }

  /** Every photo with the best answer about it, or why nobody was asked. */
  JavaRDD<LocalizedPhoto> answered(PhotoPlacement placement) {
    JavaPairRDD<Long, Question> asked =
        questions
            .filter(question -> question.choice() instanceof Ask)
            .mapToPair(question -> new Tuple2<>(question.photo().id().value(), question));
    return asked
        .join(answers())
        .values()
        .map(pair -> placement.answered(pair._1().photo(), pair._1().chunksAsked(), pair._2()))
        .union(
            questions
                .filter(question -> question.choice() instanceof AskNone)
                .map(q -> placement.notAsked(q.photo(), (AskNone) q.choice())));
  }

  /** The best answer about each photo, by its id. */
  private JavaPairRDD<Long, Answer> answers() {
    JavaPairRDD<ChunkBatches.Key, View> perChunk = questions.flatMapToPair(Question::perChunk);
    Map<Integer, Long> photosOfChunk =
        perChunk
            .mapToPair(q -> new Tuple2<>(q._1().chunk(), 1L))
            .reduceByKey(Long::sum)
            .collectAsMap();
    LongAccumulator done = run.spark().sparkContext().longAccumulator("answers");
    long total = photosOfChunk.values().stream().mapToLong(n -> n).sum();
    run.progress().start("localize", "answers", total, done::value);
    LocateTask task =
        new LocateTask(
            run.engine(),
            run.sc().broadcast(memories),
            new HadoopPhotos(new SerializableConfiguration(run.sc().hadoopConfiguration())),
            run.settings().integer("reconstruct.chunks-at-once"),
            done);
    return run.engineTasks()
        .of(perChunk.partitionBy(new ChunkBatches(photosOfChunk)).mapPartitionsToPair(task::ask))
        .reduceByKey(Answer::better, run.slots());
  }
}
