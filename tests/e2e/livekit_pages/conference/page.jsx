// LiveKit's own ready-made conference, as anyone would put it on a page of theirs, and what
// LiveKit's own hooks make of transcriptions and of an agent's state.
import {
  LiveKitRoom,
  VideoConference,
  useTranscriptions,
  useVoiceAssistant,
} from "@livekit/components-react";
import "@livekit/components-styles";
import { createRoot } from "react-dom/client";

const given = new URLSearchParams(location.hash.slice(1));

function Hooks() {
  const { state, agent, agentTranscriptions } = useVoiceAssistant();
  const lines = useTranscriptions();
  window.hooks = {
    state,
    agent: agent?.identity,
    answers: agentTranscriptions.map(({ text }) => text),
    lines: lines.map(({ text, participantInfo }) => [participantInfo.identity, text]),
  };
  return null;
}

createRoot(document.getElementById("room")).render(
  <LiveKitRoom serverUrl={given.get("url")} token={given.get("token")} style={{ height: "100%" }}>
    <VideoConference />
    <Hooks />
  </LiveKitRoom>,
);
