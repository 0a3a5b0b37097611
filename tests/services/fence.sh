# What kafka-up.sh does before it starts a single broker again that was killed; sourced by it.
#
# Such a broker leads its topics in the cluster's metadata until its old session has run out, a moment after its start; then nobody
# does, until it is registered anew. In that moment Apache Kafka 4.3 takes topics without a leader for deleted ones: it drops the markers
# of a transaction whose commit it had confirmed, and the transaction stays open for every reader, for good. Where controllers run
# elsewhere, or other brokers have copies, there is no such moment. Here the controller is started alone, until it has fenced the
# dead broker.
fence_dead_broker() { # fence_dead_broker DIR
  local d=$1 log=$1/fence.log pid
  [ -d "$d/data/__cluster_metadata-0" ] && [ ! -e "$d/data/.kafka_cleanshutdown" ] || return 0
  sed -E -e 's/^process\.roles=.*/process.roles=controller/' -e 's/^listeners=.*(CONTROLLER:.*)/listeners=\1/' \
    -e '/^(advertised\.listeners|inter\.broker\.listener\.name|broker\.session|broker\.heartbeat)/d' \
    "$d/server.properties" > "$d/controller.properties"
  printf '%s\n' broker.session.timeout.ms=200 broker.heartbeat.interval.ms=100 >> "$d/controller.properties"
  : > "$log"
  (cd "$d" && exec setsid "${jvm[@]}" -Xms64m -Xmx128m kafka.Kafka controller.properties) > "$log" 2>&1 < /dev/null & pid=$!
  echo "$pid" > "$d/pid"
  # It says nothing about a broker that was fenced before.
  local end=$(( $(date +%s) + 60 )) started=
  until grep -q 'Fencing broker' "$log"; do
    running "$d" || { tail -n 20 "$log" >&2; die "the controller ended; see $log"; }
    [ -n "$started" ] || ! grep -q 'Kafka Server started' "$log" || { started=1; end=$(( $(date +%s) + 20 )); }
    if [ "$(date +%s)" -ge "$end" ]; then
      [ -n "$started" ] || { tail -n 20 "$log" >&2; die "the controller is not ready in time; see $log"; }
      break
    fi
    sleep 0.1
  done
  stop_server "$d" TERM
}
